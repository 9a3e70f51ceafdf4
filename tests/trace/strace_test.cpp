// SPDX-License-Identifier: MIT
// strace's output: its lines in every form that its options give them, and the trace that comes of them.
#include "trace/strace_import.h"
#include "trace/strace_line.h"
#include "trace/trace_parse.h"
#include "trace/trace_print.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using namespace ringcheck;
using Kind = StraceLine::Kind;
using testing::ElementsAre;
using testing::HasSubstr;

TEST(StraceLine, IsACallWithItsArguments)
{
    const StraceLine line = read_strace_line(R"(write(1, "a, b) = \"c\"\n", 12) = 12)");
    EXPECT_EQ(line.kind, Kind::Call);
    EXPECT_EQ(line.name, "write");
    EXPECT_THAT(line.arguments, ElementsAre("1", R"("a, b) = \"c\"\n")", "12"));
    EXPECT_EQ(line.result, "12");
    EXPECT_FALSE(line.process);
}

TEST(StraceLine, TakesOffProcessAndTime)
{
    for (const char* const front : {"[pid   77] ", "77 ", "77    ", "[pid 77] 12:00:01 ", "77 12:00:01.123456 ",
                                    "77 1700000000.000001 ", "[pid 77]      0.000123 "}) {
        const StraceLine line = read_strace_line(std::string(front) + "getpid() = 77");
        EXPECT_EQ(line.kind, Kind::Call) << front;
        EXPECT_EQ(line.process, 77u) << front;
        EXPECT_THAT(line.arguments, ElementsAre());
    }
    for (const char* const front : {"", "12:00:01 ", "12:00:01.123456 ", "1700000000.000001 ", "     0.000123 "}) {
        const StraceLine line = read_strace_line(std::string(front) + "getpid()                = 77");
        EXPECT_EQ(line.kind, Kind::Call) << front;
        EXPECT_FALSE(line.process) << front;
        EXPECT_EQ(line.result, "77") << front;
    }
}

TEST(StraceLine, KeepsStructuresWhole)
{
    EXPECT_THAT(read_strace_line("wait4(5, [{WIFEXITED(s) && WEXITSTATUS(s) == 7}], 0, NULL) = 5").arguments,
                ElementsAre("5", "[{WIFEXITED(s) && WEXITSTATUS(s) == 7}]", "0", "NULL"));
    EXPECT_THAT(read_strace_line("nanosleep({tv_sec=1, tv_nsec=0}, NULL) = 0").arguments,
                ElementsAre("{tv_sec=1, tv_nsec=0}", "NULL"));
    EXPECT_THAT(read_strace_line(R"(execve("./a", ["./a", "x,y"], 0x7ffe /* 3 vars */) = 0)").arguments,
                ElementsAre(R"("./a")", R"(["./a", "x,y"])", "0x7ffe /* 3 vars */"));
}

TEST(StraceLine, HasAResultInEachForm)
{
    EXPECT_EQ(read_strace_line("f() = -1 EFAULT (Bad address)").result, "-1 EFAULT");
    EXPECT_EQ(read_strace_line("f() = 0x7f00 (flags)").result, "0x7f00");
    EXPECT_EQ(read_strace_line("f() = 3</dev/null>").result, "3");
    EXPECT_EQ(read_strace_line("exit(0)          = ?").result, "?");
    EXPECT_EQ(read_strace_line("f() = ? ERESTARTSYS (To be restarted if SA_RESTART is set)").result, "? ERESTARTSYS");
}

TEST(StraceLine, IsOneOfTheOthers)
{
    EXPECT_EQ(read_strace_line("--- SIGCHLD {si_signo=SIGCHLD, si_pid=5} ---").kind, Kind::Signal);
    EXPECT_EQ(read_strace_line("+++ exited with 3 +++").status, 3u);
    EXPECT_EQ(read_strace_line("+++ killed by SIGSEGV (core dumped) +++").name, "SIGSEGV");
    EXPECT_EQ(read_strace_line("strace: Process 5 attached").kind, Kind::Note);
    EXPECT_EQ(read_strace_line("wait4(5,  <unfinished ...>").kind, Kind::Unfinished);
    EXPECT_EQ(read_strace_line("<... wait4 resumed>NULL, 0) = 5").text, "NULL, 0) = 5");
    for (const char* const other :
         {"", "write(1", "write(1, \"a", "= 5", "hello world", "f() = ", "+++ exited with x +++",
          "+++ exited with 256 +++", "f() = -1 7", "--- ---", "write(1, \"a\", 1)", "<... wait4"}) {
        EXPECT_EQ(read_strace_line(other).kind, Kind::Other) << other;
    }
}

class StraceImporter : public testing::Test {
protected:
    StraceImporter()
    {
        using enum ArgumentKind;
        convention.calls = {
            {.number = 1, .name = "write", .arguments = {Integer, BytesIn, Size}},
            {.number = 9, .name = "mmap", .arguments = {Address, Size, Integer, Integer, Integer, Size}},
            {.number = 11, .name = "munmap", .arguments = {Address, Size}},
            {.number = 12, .name = "brk", .arguments = {Address}},
            {.number = 56,
             .name = "clone",
             .arguments = {Size, Address, Address, Address, Address},
             .result = ResultKind::Pid},
            {.number = 57, .name = "fork", .arguments = {}, .result = ResultKind::Pid},
            {.number = 60, .name = "exit", .arguments = {Integer}, .returns = false},
            {.number = 61, .name = "wait4", .arguments = {Pid, Address, Integer, Address}, .result = ResultKind::Pid},
            {.number = 62, .name = "kill", .arguments = {Pid, Integer}},
        };
    }
    /// The events between the first and the last, and what was left out.
    std::string events(const std::string& lines)
    {
        const auto imported =
            import_strace(lines + "+++ exited with 0 +++\n", convention, name_address, "p", NamedAddress{"_start", 0});
        if (!imported) {
            return format_parse_error("log", imported.error());
        }
        EXPECT_TRUE(parse_trace(print_trace(imported->trace))) << print_trace(imported->trace);
        std::string text;
        for (std::size_t i = 1; i + 1 < imported->trace.events.size(); ++i) {
            text += print_event_body(imported->trace.events[i]) + "\n";
        }
        for (const StraceSkip& skip : imported->skipped) {
            text += std::to_string(skip.line) + ": " + skip.why + "\n";
        }
        return text;
    }
    static Argument name_address(std::uint64_t address)
    {
        return address == 0x80 ? Argument{NamedAddress{"NAMED", 0}} : Argument{RawAddress{address}};
    }
    SyscallConvention convention;
};

TEST_F(StraceImporter, WritesArgumentsAsTheirKindsAre)
{
    EXPECT_EQ(events("write(1, \"a\\n\\33\\x7f\\\"\", 5) = 5\n"), "write(1, \"a\\n\\x1b\\x7f\\\"\", 5) = 5\n");
    EXPECT_EQ(events("write(2</dev/tty>, \"\"..., 9) = 9\n"), "write(2, *, 9) = 9\n");
    EXPECT_EQ(events("write(1, 0x1000, 18446744073709551615) = -1 EFAULT (Bad address)\n"),
              "write(1, 0x1000, 18446744073709551615) = -1 EFAULT\n");
    EXPECT_EQ(events("write(1, NULL, 1) = -1 EFAULT (Bad address)\n"), "write(1, NULL, 1) = -1 EFAULT\n");
    EXPECT_EQ(events("kill(-1, SIGTERM) = 0\n"), "kill(-1, 15) = 0\n");
    EXPECT_EQ(
        events("mmap(NULL, 4096, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS|0x40000000, -1, 0) = 0x7fab0000\n"),
        "mmap(NULL, 4096, 3, 1073741858, -1, 0) = $map1\n");
    EXPECT_EQ(events("mmap(NULL, 4096, PROT_WHAT, 0x80000000, -1, 0) = 0x7fab0000\n"),
              "mmap(NULL, 4096, *, -2147483648, -1, 0) = $map1\n");
    EXPECT_EQ(events("wait4(5, [{WIFEXITED(s)}], WNOHANG, NULL) = 5\n"), "wait4($pid1, *, 1, NULL) = $pid1\n");
    EXPECT_EQ(events("clone(child_stack=0x402ff0, flags=CLONE_VM, parent_tid=[5], tls=0x1, child_tidptr=0x2) = 5\n"),
              "clone(*, *, *, *, *) = $pid1\n");
}

TEST_F(StraceImporter, NamesWhatTheKernelHasChosen)
{
    EXPECT_EQ(events("mmap(NULL, 8192, PROT_NONE, MAP_PRIVATE, -1, 0) = 0x7f0000001000\n"
                     "munmap(0x7f0000002000, 4096) = 0\n"
                     "munmap(0x7f0000003000, 4096) = 0\n"
                     "mmap(0x10000, 4096, PROT_NONE, MAP_FIXED, -1, 0) = 0x10000\n"
                     "brk(NULL) = 0x5000000\n"
                     "brk(0x5001000) = 0x5001000\n"),
              "mmap(NULL, 8192, 0, 2, -1, 0) = $map1\n"
              "munmap($map1+0x1000, 4096) = 0\n"
              "munmap(*, 4096) = 0\n"
              "mmap(0x10000, 4096, 0, 16, -1, 0) = 0x10000\n"
              "brk(NULL) = $map2\n"
              "brk($map2+0x1000) = $map2+0x1000\n");
}

TEST_F(StraceImporter, TakesACallWithTooFewArguments)
{
    EXPECT_EQ(events("mmap(NULL) = 0x7f0000001000\nmunmap(0x7f0000002000, 4096) = 0\n"),
              "mmap(NULL, *, *, *, *, *) = $map1\nmunmap($map1+0x1000, 4096) = 0\n");
    convention.calls.push_back({.number = 25, .name = "mremap", .arguments = {ArgumentKind::Address}});
    EXPECT_EQ(events("mremap(0x1000, 1) = 0x7f0000001000\n"), "mremap(0x1000) = $map1\n");
}

TEST_F(StraceImporter, FollowsTheFirstProcessAlone)
{
    const std::string expected = "fork() = $pid1\nwait4($pid1, *, 0, NULL) = $pid1\n";
    // On the terminal the number stands in front only while there are two.
    EXPECT_EQ(events("fork(strace: Process 31 attached\n)         = 31\n"
                     "wait4(31, strace: Process 31 attached\n <unfinished ...>\n"
                     "[pid 31] write(1, \"x\", 1) = 1\n"
                     "<... wait4 resumed>[{WIFEXITED(s)}], 0, NULL) = 31\n"),
              expected + "5: another process or thread\n");
    EXPECT_EQ(events("exit(0strace: Process attached\n) = ?\nexit(0) = ?\n"),
              "exit(0)\n1: no line that strace is known to write\n"
              "2: no line that strace is known to write\n");
    EXPECT_EQ(events("fork() = 31\n"
                     "strace: Process 31 attached\n"
                     "[pid    30] wait4(31,  <unfinished ...>\n"
                     "[pid    31] write(1, \"x\", 1) = 1\n"
                     "[pid    31] +++ exited with 7 +++\n"
                     "<... wait4 resumed>[{WIFEXITED(s)}], 0, NULL) = 31\n"
                     "--- SIGCHLD {si_signo=SIGCHLD} ---\n"),
              expected + "2: said by strace\n4: another process or thread\n5: another process or thread\n"
                         "7: a signal: a trace has the fault behind it, or the end\n");
    // With -o it stands in front of each.
    EXPECT_EQ(events("30 fork( <unfinished ...>\n"
                     "31 write(1, \"x\", 1 <unfinished ...>\n"
                     "30 <... fork resumed>) = 31\n"
                     "31 <... write resumed>) = 1\n"
                     "31 exit(7) = ?\n"
                     "30 wait4(31, [{WIFEXITED(s)}], 0, NULL) = 31\n"),
              expected + "4: another process or thread\n5: another process or thread\n");
}

TEST_F(StraceImporter, SaysWhatItLeftOut)
{
    EXPECT_EQ(events("execve(\"./p\", [\"./p\"], 0x7ffe /* 3 vars */) = 0\n"
                     "openat(AT_FDCWD, \"x\", O_RDONLY) = 3\n"
                     "<... write resumed>) = 1\n"
                     "exit(0) = ?\n"),
              "exit(0)\n1: what comes before the program's first instruction\n"
              "2: the kernel's description has no such call\n3: the beginning of this call is missing\n");
}

TEST_F(StraceImporter, NamesAddressesAsTheGuestDoes)
{
    EXPECT_EQ(events("munmap(0x80, 4096) = -1 EINVAL (Invalid argument)\n"), "munmap(NAMED, 4096) = -1 EINVAL\n");
    EXPECT_EQ(events("mmap(0x80, 1, 0, 0, 0, 0) = 0x80\n"), "mmap(NAMED, 1, 0, 0, 0, 0) = NAMED\n");
}

TEST_F(StraceImporter, KnowsACallThatLinuxHasNot)
{
    EXPECT_EQ(events("syscall_0x270f(0x1, 0x7ffc00000000, 0, 0, 0, 0xffff800000000000) = -1 ENOSYS (Function not "
                     "implemented)\n"),
              "syscall_9999(0x1, *, 0x0, 0x0, 0x0, 0xffff800000000000) = -1 ENOSYS\n");
    EXPECT_EQ(events("syscall_0xzz() = -1 ENOSYS\n"), "1: the kernel's description has no such call\n");
}

TEST_F(StraceImporter, TakesTheLastSignalForAFault)
{
    const auto last_two = [this](const std::string& text) {
        const auto imported =
            import_strace("exit(1) = ?\n" + text, convention, name_address, "p", NamedAddress{"_start", 0});
        std::string events;
        for (std::size_t i = 2; imported && i < imported->trace.events.size(); ++i) {
            events += print_event_body(imported->trace.events[i]) + "\n";
        }
        return events;
    };
    EXPECT_EQ(last_two("--- SIGSEGV {si_signo=SIGSEGV, si_code=SEGV_MAPERR, si_addr=NULL} ---\n"
                       "+++ killed by SIGSEGV (core dumped) +++\n"),
              "*\nkilled by SIGSEGV\n");
    EXPECT_EQ(last_two("--- SIGTERM {si_signo=SIGTERM, si_code=SI_USER, si_pid=1} ---\n+++ killed by SIGTERM +++\n"),
              "killed by SIGTERM\n");
    EXPECT_EQ(last_two("+++ killed by SIGKILL +++\n"), "killed by SIGKILL\n");
}

TEST_F(StraceImporter, EndsAsTheProcessDid)
{
    const auto end_of = [this](const std::string& text) {
        const auto imported = import_strace(text, convention, name_address, "p", NamedAddress{"_start", 0});
        return imported ? print_event(imported->trace.events.back()) : format_parse_error("log", imported.error());
    };
    EXPECT_EQ(end_of("exit(3) = ?\n+++ exited with 3 +++\nmore\n"), "exit     status 3");
    EXPECT_EQ(end_of("kill(5, SIGKILL) = 0\n+++ killed by SIGKILL +++\n"), "exit     killed by SIGKILL");
    EXPECT_THAT(end_of("exit(3) = ?\n"), HasSubstr("log:1:1: error: no line '+++ exited with N +++'"));
    EXPECT_THAT(end_of("hello\n+++ exited with 3 +++\n"), HasSubstr("there is no system call in it"));
    EXPECT_THAT(end_of("exit(3) = ?\n+++ exited"), HasSubstr("log:2:11: error: the file ends inside this line"));
    EXPECT_THAT(end_of(std::string("exit(\0) = ?\n", 12)), HasSubstr("log:1:6: error: a NUL byte"));
    EXPECT_THAT(end_of(std::string(kStraceLineLimit + 1, 'x') + "\n"),
                HasSubstr("the line has more than 1048576 bytes"));
    EXPECT_EQ(end_of("exit(3) = ?\r\n+++ exited with 3 +++\r\n"), "exit     status 3");
    EXPECT_THAT(end_of(""), HasSubstr("there is no system call in it"));
}

} // namespace
