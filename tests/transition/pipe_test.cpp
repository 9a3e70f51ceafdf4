// SPDX-License-Identifier: MIT
// Property: pipes and those who wait at them do what userprogs/pipes says, and leave nothing behind.
#include "transition/user_code.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace support {
namespace {

using testing::HasSubstr;

TEST(Pipes, DoWhatTheManualSaysAndLeaveNothing)
{
    BootedKernel kernel({"mem", "run pipes", "slots", "mem", "poweroff"});
    kernel.machine->run({.instructions = 400'000'000}); // bytes are compared one by one
    const std::string console = kernel.machine->console();
    EXPECT_THAT(console, HasSubstr("every pipe was as it should be"));
    EXPECT_THAT(console, HasSubstr("[vessel 2 pipes] exited with status 0"));
    EXPECT_THAT(console, HasSubstr("processes      1 of"));
    EXPECT_THAT(console, HasSubstr("files          0 of"));
    EXPECT_THAT(console, HasSubstr("sleepers       0 of"));
    const auto line_behind = [&console](std::size_t from) {
        const std::size_t begin = console.find("free ", from);
        return console.substr(begin, console.find('\n', begin) - begin);
    };
    EXPECT_EQ(line_behind(0), line_behind(console.find("run pipes")));
}

} // namespace
} // namespace support
