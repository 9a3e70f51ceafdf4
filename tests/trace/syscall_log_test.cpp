// SPDX-License-Identifier: MIT
// The kernel's own log: read as traces, named by symbols, refused with a place when it is damaged.
#include "support/aethelos_description.h"
#include "trace/symbolise.h"
#include "trace/syscall_log.h"
#include "trace/trace_parse.h"
#include "trace/trace_print.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using namespace ringcheck;

constexpr const char* kLog = "2 enter hello 0x401000\r\n"
                             "2 syscall write(1, \"Hello from user space! (Ring 3)\\n\", 32) = 32\r\n"
                             "2 syscall write(1, 0xffffffff80000000, 8) = -1 EFAULT\r\n"
                             "2 syscall syscall_999(0x1, 0xffffffff80000000, 0x0, 0x0, 0x0, 0x0) = -1 ENOSYS\r\n"
                             "2 syscall exit(0)\r\n"
                             "2 exit hello status 0\r\n"
                             "\r\n"
                             "3 places 0x7ffd80b2f000 0x7fe012345000 0x1234000 0x0\n"
                             "3 enter read_kernel 0x401000\n"
                             "3 fault #PF read 0xffffffff80000010 at 0x40100a\n"
                             "3 exit read_kernel killed by SIGSEGV\n";

/// A program with a child and a thread, and another program, all at once.
constexpr const char* kFamily = "7 places 0x7fffffff0000 0x7fefff000000 0x1234000 0x0\n"
                                "7 enter parent 0x401000\n"
                                "7 syscall brk(0x0) = 19087360\n"
                                "7 syscall syscall_15(0x7ffffffeff80, 0x7feffefff000, 0x1, 0x0, 0x0, 0x0) = -1 ENOSYS\n"
                                "7 syscall fork() ...\n"
                                "8 start parent\n"
                                "7 resumed = 8\n"
                                "9 places 0x7ffd12340000 0x7fe000000000 0x4321000 0x555555554000\n"
                                "9 enter other 0x555555555234\n"
                                "8 syscall getppid() = 7\n"
                                "10 start parent\n"
                                "7 syscall wait4(-1, 0x7fffffff0000, 0, 0x0) ...\n"
                                "10 syscall getpid() ...\n"
                                "8 syscall exit(3)\n"
                                "8 exit parent status 3\n"
                                "7 resumed = 8\n"
                                "10 resumed = 7\n"
                                "7 syscall kill(9, 9) = 0\n"
                                "9 exit other killed by SIGKILL\n"
                                "7 syscall kill(7, 9) ...\n"
                                "7 exit parent killed by SIGKILL\n";

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
    EXPECT_EQ((*runs)[1].events[1].line, 10u);
}

TEST(SyscallLog, KeepsTheFirstThreadOfEachProgramApart)
{
    auto runs = parse_syscall_log(kFamily);
    ASSERT_TRUE(runs) << runs.error().text;
    ASSERT_EQ(runs->size(), 2u);
    const GuestDescription guest = support::aethelos();
    const Symbols symbols(guest, nullptr, nullptr);
    for (Trace& run : *runs) {
        symbolise(run, symbols);
    }
    EXPECT_EQ(print_trace((*runs)[0]),
              "# ringcheck trace 1\nprogram parent\nfollow children\nenter    0x401000\n"
              "syscall  brk(NULL) = USER_HEAP\n"
              "syscall  syscall_15(USER_STACK_TOP-0x80, USER_MAP_TOP-0x1000, 0x1, 0x0, 0x0, 0x0) = -1 ENOSYS\n"
              "syscall  fork() = PID+0x1\n"
              "syscall  wait4(-1, USER_STACK_TOP, 0, NULL) = PID+0x1\n"
              "syscall  kill(PID+0x2, 9) = 0\n"
              "syscall  kill(PID, 9) = ?\nexit     killed by SIGKILL\n"
              "child    PID+0x1\nsyscall  getppid() = PID\nsyscall  exit(3)\nexit     status 3\n");
    EXPECT_EQ(print_trace((*runs)[1]),
              "# ringcheck trace 1\nprogram other\nenter    PROGRAM_BASE+0x1234\nexit     killed by SIGKILL\n");
}

/// Who has made whom is told by what calls return: by a thread, after the child has ended, after the program has.
TEST(SyscallLog, FindsTheDescendantsOfAProgram)
{
    const auto family = parse_syscall_log("7 enter parent 0x401000\n"
                                          "7 syscall clone(1) = 8\n"
                                          "8 start parent\n"
                                          "8 syscall fork() ...\n"
                                          "9 start parent\n"
                                          "9 syscall vfork() ...\n"
                                          "10 start parent\n"
                                          "10 syscall nanosleep(0x0, 0x0) ...\n"
                                          "7 exit parent status 0\n"
                                          "8 resumed = 9\n"
                                          "9 resumed = 10\n"
                                          "9 exit parent killed by SIGTERM\n"
                                          "11 start parent\n" // nobody's
                                          "11 exit parent status 0\n"
                                          "10 exit parent status 2\n");
    ASSERT_TRUE(family) << family.error().text;
    ASSERT_EQ(family->size(), 1u);
    EXPECT_EQ(print_trace(family->front()), "# ringcheck trace 1\nprogram parent\nfollow children\nenter    0x401000\n"
                                            "syscall  clone(1) = 8\nexit     status 0\n"
                                            "child    PID+0x2\nsyscall  vfork() = 10\nexit     killed by SIGTERM\n"
                                            "child    PID+0x3\nsyscall  nanosleep(0x0, 0x0) = ?\nexit     status 2\n");
}

TEST(SyscallLog, KnowsEachCallThatMakesAProcess)
{
    for (const std::string call : {"fork()", "vfork()", "clone(17)", "clone3(0x401000, 88)"}) {
        const auto family = parse_syscall_log("7 enter parent 0x401000\n7 syscall " + call +
                                              " = 8\n8 start parent\n8 exit parent status 6\n7 exit parent status 0\n");
        ASSERT_TRUE(family) << family.error().text;
        ASSERT_EQ(family->size(), 1u);
        EXPECT_THAT(print_trace(family->front()), testing::HasSubstr("child    PID+0x1\nexit     status 6\n")) << call;
    }
}

TEST(SyscallLog, RefusesEventsOutsideARun)
{
    EXPECT_EQ(error_of("2 enter a 0x1\n3 start a\n3 exit b status 0\n"),
              "log:3:8: error: not the program that runs, 'a'");
    EXPECT_EQ(error_of("2 syscall exit(0)\n"), "log:1:3: error: thread 2 has not begun");
    EXPECT_EQ(error_of("2 enter a 0x1\n2 enter b 0x1\n"), "log:2:3: error: 'a' has not ended yet");
    EXPECT_EQ(error_of("2 enter a 0x1\n2 exit b status 0\n"), "log:2:8: error: not the program that runs, 'a'");
    EXPECT_EQ(error_of("2 enter a 0x1\n"), "log:1:1: error: the log ends while 'a' runs");
    EXPECT_EQ(error_of("2 enter a 0x1\n2 resumed = 1\n"),
              "log:2:3: error: no call of this thread waits for its result");
    EXPECT_EQ(error_of("hello\n"), "log:1:1: error: the thread's number is missing here");
    EXPECT_EQ(error_of("2 hello\n"), "log:1:3: error: a line goes on with places, enter, execute, start, syscall, "
                                     "resumed, signal, fault or exit, not 'hello'");
    EXPECT_EQ(error_of("2 enter a 0x1\n2 syscall exit(0)"),
              "log:2:18: error: the file ends inside this line: is it cut off?");
    EXPECT_EQ(error_of("2 places 0x1 main\n"), "log:1:14: error: a place is a number");
    EXPECT_EQ(error_of("2 places 0x1 0x2 0x3 0x4 0x5 0x6 0x7\n"), "log:1:34: error: a process has at most 6 places");
    EXPECT_EQ(error_of("2 enter  \n"), "log:1:10: error: a program's name is missing here");
}

/// A thread that executes a program has the first thread's number from then on: that one's call never returns.
TEST(SyscallLog, GivesNoThreadTheResultOfAnothersExecve)
{
    const auto runs = parse_syscall_log("7 enter parent 0x401000\n"
                                        "7 syscall nanosleep(0x1000, 0x0) ...\n"
                                        "8 start parent\n"
                                        "8 syscall execve(\"other\", 0x1000, 0x2000) ...\n"
                                        "7 execute other 0x401234\n"
                                        "7 resumed = 0\n"
                                        "7 syscall exit(0)\n"
                                        "7 exit other status 0\n");
    ASSERT_TRUE(runs) << format_parse_error("log", runs.error());
    ASSERT_EQ(runs->size(), 1u);
    const auto& call = std::get<SyscallEvent>(runs->front().events.at(1).what);
    EXPECT_EQ(call.name, "nanosleep");
    EXPECT_TRUE(std::holds_alternative<UnknownResult>(call.result));
}

TEST(ProcessNumbers, AreNamedByTheirDistanceFromTheTracedProcess)
{
    const auto text = [](std::int64_t number, std::uint64_t traced) {
        return std::visit([](const auto& named) { return print_argument(named); }, name_process(number, traced));
    };
    EXPECT_EQ(text(5, 5), "PID");
    EXPECT_EQ(text(6, 5), "PID+0x1");
    EXPECT_EQ(text(3, 5), "PID-0x2");
    EXPECT_EQ(text(1, 5), "1"); // the first process is the same in every run
    EXPECT_EQ(text(0, 5), "0");
    EXPECT_EQ(text(-1, 5), "-1");
    EXPECT_EQ(text(5 + 0xfff, 5), "PID+0xfff");
    EXPECT_EQ(text(5 + 0x1000, 5), "4101");
    EXPECT_EQ(text(6, 0), "6"); // in a log that does not tell
}

TEST(SyscallLog, SurvivesEveryCutAndEveryChangedByte)
{
    const std::string log = std::string(kLog) + kFamily;
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
    const std::string name(8182, 'x');
    EXPECT_EQ(error_of("2 enter p " + name + "\n2 exit p status 0\n"), "no error");
    EXPECT_EQ(error_of("2 enter p 0x1\n2 fault UD at " + name.substr(4) + "\n2 exit p status 0\n"),
              "log:2:8193: error: written as ringcheck writes it the line has 8193 bytes, more than 8192");
}

/// A kernel says what was, never what may be.
TEST(SyscallLog, HasNoPatterns)
{
    for (const char* const call : {"f(*) = 0", "f($a) = 0", "f() = *", "f() = $a"}) {
        EXPECT_FALSE(parse_syscall_log(std::string("2 enter p 0x1000\n2 syscall ") + call + "\n2 exit p status 0\n"))
            << call;
    }
    EXPECT_TRUE(parse_syscall_log("2 enter p 0x1000\n2 syscall f(1) = 0\n2 exit p status 0\n"));
}

} // namespace
