// SPDX-License-Identifier: MIT
// Property: a program can switch the machine off.  [reboot(2)]
#include "transition/user_code.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace support {
namespace {

TEST(Reboot, SwitchesTheMachineOff)
{
    BootedKernel kernel({"run poweroff", "help"});
    EXPECT_EQ(kernel.run_to_end().kind, ringcheck::EndKind::PowerOff);
    EXPECT_THAT(kernel.machine->console(), testing::Not(testing::HasSubstr("exited")));
}

} // namespace
} // namespace support
