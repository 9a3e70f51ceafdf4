// SPDX-License-Identifier: MIT
// Property: a canary has all its frames when the shell has its prompt back, whether it has run by then or not; the
// attacks and the long runs count the free frames from there on.
#include "transition/user_code.h"

#include <gtest/gtest.h>

#include <regex>

namespace support {
namespace {

TEST(Canary, HoldsAllItsFramesFromTheFirstPromptOn)
{
    BootedKernel kernel({"run hello", "run nap", "run canary", "mem", "run nap", "mem", "ps", "poweroff"});
    constexpr std::uint64_t kANap = 1'000'000'000; // the canary computes all through it
    kernel.machine->run({.instructions = kANap});
    const std::string console = kernel.machine->console();
    static const std::regex kFree(R"(free +([0-9]+))");
    std::vector<std::string> free;
    for (std::sregex_iterator line(console.begin(), console.end(), kFree); line != std::sregex_iterator(); ++line) {
        free.push_back((*line)[1]);
    }
    ASSERT_EQ(free.size(), 2u) << console;
    EXPECT_EQ(free[0], free[1]);
    EXPECT_NE(console.find(" canary\r\n", console.find("ps")), std::string::npos) << console;
}

} // namespace
} // namespace support
