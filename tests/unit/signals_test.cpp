// SPDX-License-Identifier: MIT
// Signal numbers against those of this machine's C library.
#include "uapi/signals.h"

#include <gtest/gtest.h>

#include <csignal>
#include <cstring>
#include <string>

namespace {

int signal_of(unsigned vector)
{
    return static_cast<int>(uapi::signal_for_exception(vector));
}

TEST(Signals, HaveTheNumbersAndNamesOfLinux)
{
    for (const int signal : {SIGILL, SIGTRAP, SIGBUS, SIGFPE, SIGKILL, SIGSEGV}) {
        EXPECT_EQ(std::string(uapi::signal_name(static_cast<std::uint64_t>(signal))),
                  std::string("SIG") + sigabbrev_np(signal));
    }
    EXPECT_STREQ(uapi::signal_name(0), "");
    EXPECT_STREQ(uapi::signal_name(256 + SIGSEGV), "");
}

TEST(Signals, OfExceptionsAreThoseOfLinux)
{
    EXPECT_EQ(signal_of(0), SIGFPE);   // #DE
    EXPECT_EQ(signal_of(1), SIGTRAP);  // #DB
    EXPECT_EQ(signal_of(3), SIGTRAP);  // #BP
    EXPECT_EQ(signal_of(4), SIGSEGV);  // #OF
    EXPECT_EQ(signal_of(6), SIGILL);   // #UD
    EXPECT_EQ(signal_of(11), SIGBUS);  // #NP
    EXPECT_EQ(signal_of(12), SIGBUS);  // #SS
    EXPECT_EQ(signal_of(13), SIGSEGV); // #GP
    EXPECT_EQ(signal_of(14), SIGSEGV); // #PF
    EXPECT_EQ(signal_of(16), SIGFPE);  // #MF
    EXPECT_EQ(signal_of(17), SIGBUS);  // #AC
    EXPECT_EQ(signal_of(19), SIGFPE);  // #XM
}

} // namespace
