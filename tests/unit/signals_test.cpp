// SPDX-License-Identifier: MIT
// Signal numbers against those of this machine's C library.
#include "uapi/signals.h"

#include <gtest/gtest.h>

#include <csignal>
#include <cstring>
#include <string>

namespace {

TEST(Signals, HaveTheNumbersAndNamesOfLinux)
{
    for (const int signal : {SIGILL, SIGTRAP, SIGBUS, SIGFPE, SIGKILL, SIGSEGV}) {
        EXPECT_EQ(std::string(uapi::signal_name(static_cast<std::uint64_t>(signal))),
                  std::string("SIG") + sigabbrev_np(signal));
    }
    EXPECT_STREQ(uapi::signal_name(0), "");
    EXPECT_STREQ(uapi::signal_name(256 + SIGSEGV), "");
}

} // namespace
