// SPDX-License-Identifier: MIT
// Property: ^Z and ^C stop and end the foreground group; who is in the background does not read, and changes nothing.
#include "transition/user_code.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace support {
namespace {

using testing::HasSubstr;

TEST(JobControl, IsAsAShellNeedsIt)
{
    BootedKernel kernel({"run jobs", "abc", "\x1a", "line", "\x03", "slots", "poweroff"});
    kernel.run_to_end();
    const std::string console = kernel.machine->console();
    EXPECT_THAT(console, HasSubstr("eldarin> ^Z"));
    EXPECT_THAT(console, HasSubstr("line\r\n\r\neldarin> ^C"));
    EXPECT_THAT(console, HasSubstr("every job was as it should be"));
    EXPECT_THAT(console, HasSubstr("[vessel 2 jobs] exited with status 0"));
    EXPECT_THAT(console, HasSubstr("processes      1 of"));
    EXPECT_THAT(console, HasSubstr("files          0 of"));
}

} // namespace
} // namespace support
