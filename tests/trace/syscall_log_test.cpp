// SPDX-License-Identifier: MIT
// The kernel's own log: read as traces, named by symbols, refused with a place when it is damaged.
#include "support/aethelos_description.h"
#include "trace/symbolise.h"
#include "trace/syscall_log.h"
#include "trace/trace_parse.h"
#include "trace/trace_print.h"

#include <gtest/gtest.h>

namespace {

using namespace ringcheck;

constexpr const char* kLog = "enter hello 0x401000\r\n"
                             "syscall write(1, \"Hello from user space! (Ring 3)\\n\", 32) = 32\r\n"
                             "syscall write(1, 0xffffffff80000000, 8) = -1 EFAULT\r\n"
                             "syscall syscall_999(0x1, 0xffffffff80000000, 0x0, 0x0, 0x0, 0x0) = -1 ENOSYS\r\n"
                             "syscall exit(0)\r\n"
                             "exit hello status 0\r\n"
                             "\r\n"
                             "enter read_kernel 0x401000\n"
                             "fault #PF read 0xffffffff80000010 at 0x40100a\n"
                             "exit read_kernel killed by SIGSEGV\n";

std::string error_of(const std::string& text)
{
    const auto runs = parse_syscall_log(text);
    return runs ? "no error" : format_parse_error("log", runs.error());
}

TEST(SyscallLog, BecomesOneTraceForEachRun)
{
    auto runs = parse_syscall_log(kLog);
    ASSERT_TRUE(runs) << runs.error().text;
    ASSERT_EQ(runs->size(), 2u);
    const GuestDescription guest = support::aethelos();
    const Symbols symbols(guest, nullptr, nullptr);
    for (Trace& run : *runs) {
        symbolise(run, symbols);
    }
    EXPECT_EQ(print_trace((*runs)[0]), "# ringcheck trace 1\nprogram hello\nenter    0x401000\n"
                                       "syscall  write(1, \"Hello from user space! (Ring 3)\\n\", 32) = 32\n"
                                       "syscall  write(1, KERNEL_BASE, 8) = -1 EFAULT\n"
                                       "syscall  syscall_999(0x1, 0xffffffff80000000, 0x0, 0x0, 0x0, 0x0) = -1 ENOSYS\n"
                                       "syscall  exit(0)\nexit     status 0\n");
    EXPECT_EQ(print_trace((*runs)[1]), "# ringcheck trace 1\nprogram read_kernel\nenter    0x401000\n"
                                       "fault    #PF read KERNEL_BASE+0x10 at 0x40100a\nexit     killed by SIGSEGV\n");
    EXPECT_EQ((*runs)[1].events[1].line, 9u);
}

TEST(SyscallLog, RefusesEventsOutsideARun)
{
    EXPECT_EQ(error_of("syscall exit(0)\n"), "log:1:1: error: 'syscall' outside a program: there was no enter line");
    EXPECT_EQ(error_of("enter a 0x1\nenter b 0x1\n"), "log:2:1: error: 'a' has not ended yet");
    EXPECT_EQ(error_of("enter a 0x1\nexit b status 0\n"), "log:2:6: error: not the program that runs, 'a'");
    EXPECT_EQ(error_of("enter a 0x1\n"), "log:1:1: error: the log ends while 'a' runs");
    EXPECT_EQ(error_of("hello\n"), "log:1:1: error: a line begins with enter, syscall, fault or exit, not 'hello'");
    EXPECT_EQ(error_of("enter a 0x1\nsyscall exit(0)"),
              "log:2:16: error: the file ends inside this line: is it cut off?");
    EXPECT_EQ(error_of("enter  \n"), "log:1:8: error: a program's name is missing here");
}

TEST(SyscallLog, SurvivesEveryCutAndEveryChangedByte)
{
    const std::string log = kLog;
    unsigned refused = 0;
    for (std::size_t i = 0; i < log.size(); ++i) {
        refused += !parse_syscall_log(log.substr(0, i));
        for (const char c : {'\0', '\n', '"', '\\', ' ', '0', 'x', '(', '\xff'}) {
            std::string changed = log;
            changed[i] = c;
            refused += !parse_syscall_log(changed);
        }
    }
    EXPECT_GT(refused, log.size() * 5);
}

TEST(EscapedBytes, AreWrittenByNameOrInHexadecimal)
{
    using namespace std::string_literals;
    EXPECT_EQ(escape_bytes("a\n\t\r\\\"b"), "\"a\\n\\t\\r\\\\\\\"b\"");
    EXPECT_EQ(escape_bytes("\0\x1b\x7f\xff ~"s), "\"\\x00\\x1b\\x7f\\xff ~\"");
    EXPECT_EQ(escape_bytes(""), "\"\"");
}

TEST(SyscallLog, HoldsNoLineThatNoTraceCouldHold)
{
    const std::string name(8183, 'x');
    EXPECT_EQ(error_of("enter p " + name + "\nexit p status 0\n"), "no error");
    EXPECT_EQ(error_of("enter p 0x1\nfault UD at " + name.substr(4) + "\nexit p status 0\n"),
              "log:2:8192: error: written as ringcheck writes it the line has 8194 bytes, more than 8192");
}

} // namespace
