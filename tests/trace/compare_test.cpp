// SPDX-License-Identifier: MIT
// The first difference is found, and told with its line, both sides, the place and the next step.
#include "trace/compare.h"
#include "trace/trace_parse.h"

#include <gtest/gtest.h>

namespace {

using namespace ringcheck;

Trace trace_of(const std::string& events)
{
    const auto trace = parse_trace("# ringcheck trace 1\nprogram p\n" + events);
    EXPECT_TRUE(trace) << (trace ? "" : trace.error().text);
    return trace.value_or(Trace{});
}

/// The events behind it, which are told in a test of their own, would hide where the difference is.
Difference without_what_follows(Difference difference)
{
    difference.expected_then.clear();
    difference.actual_then.clear();
    return difference;
}

std::string compare(const std::string& expected, const std::string& actual)
{
    const auto difference = compare_traces(trace_of(expected), trace_of(actual));
    return difference ? format_difference("t", without_what_follows(*difference), "") : "alike\n";
}

constexpr const char* kEnter = "enter main\n";
constexpr const char* kExit = "exit status 0\n";

TEST(Compare, FindsNothingInEqualTraces)
{
    EXPECT_EQ(compare(std::string(kEnter) + kExit, std::string("# other lines\n\n") + kEnter + kExit), "alike\n");
}

TEST(Compare, PointsAtTheResult)
{
    const auto difference =
        compare_traces(trace_of("enter main\nsyscall write(1, \"hello\\n\", 6) = 6\nexit status 0\n"),
                       trace_of("enter main\nsyscall write(1, \"hello\\n\", 6) = -1 EBADF\nexit status 0\n"));
    ASSERT_TRUE(difference);
    EXPECT_EQ(format_difference("traces/p.trace", *difference, "do this"),
              "traces/p.trace:4: error: syscall differs from the recording\n"
              "  after     enter    main\n"
              "  expected  write(1, \"hello\\n\", 6) = 6\n"
              "  actual    write(1, \"hello\\n\", 6) = -1 EBADF\n"
              "                                     ^ result\n"
              "  then      exit     status 0\n"
              "note: do this\n");
}

TEST(Compare, TellsWhatComesBehindOnBothSides)
{
    const auto difference =
        compare_traces(trace_of("syscall f() = 0\nsyscall g() = 0\nsyscall h() = 0\nsyscall i() = 0\nexit status 0\n"),
                       trace_of("syscall f() = 1\nsyscall g() = 0\nexit status 0\n"));
    ASSERT_TRUE(difference);
    EXPECT_EQ(format_difference("t", *difference, ""), "t:3: error: syscall differs from the recording\n"
                                                       "  expected  f() = 0\n"
                                                       "  actual    f() = 1\n"
                                                       "                  ^ result\n"
                                                       "  expected  then syscall  g() = 0\n"
                                                       "  expected  then syscall  h() = 0\n"
                                                       "  actual    then syscall  g() = 0\n"
                                                       "  actual    then exit     status 0\n");
    EXPECT_FALSE(difference->count) << "in no run";
}

TEST(Compare, PointsAtAnArgument)
{
    EXPECT_EQ(compare("syscall f(1, 2, 3) = 0\nexit status 0\n", "syscall f(1, 20, 3) = 0\nexit status 0\n"),
              "t:3: error: syscall differs from the recording\n"
              "  expected  f(1, 2, 3) = 0\n"
              "  actual    f(1, 20, 3) = 0\n"
              "                 ^ argument 2\n");
    EXPECT_EQ(compare("syscall f(1, 2) = 0\nexit status 0\n", "syscall f(1) = 0\nexit status 0\n"),
              "t:3: error: syscall differs from the recording\n"
              "  expected  f(1, 2) = 0\n"
              "  actual    f(1) = 0\n"
              "               ^ argument 2 is missing\n");
    EXPECT_EQ(compare("syscall f() = 0\nexit status 0\n", "syscall g() = 0\nexit status 0\n"),
              "t:3: error: syscall differs from the recording\n"
              "  expected  f() = 0\n"
              "  actual    g() = 0\n"
              "            ^ call\n");
}

TEST(Compare, PointsIntoFaults)
{
    EXPECT_EQ(
        compare("fault #PF read NULL at main+0x2\nexit status 0\n", "fault #PF read NULL at main+0x4\nexit status 0\n"),
        "t:3: error: fault differs from the recording\n"
        "  expected  #PF read NULL at main+0x2\n"
        "  actual    #PF read NULL at main+0x4\n"
        "                             ^ place\n");
    EXPECT_EQ(
        compare("fault #PF read NULL at main\nexit status 0\n", "fault #PF read NULL+0x8 at main\nexit status 0\n"),
        "t:3: error: fault differs from the recording\n"
        "  expected  #PF read NULL at main\n"
        "  actual    #PF read NULL+0x8 at main\n"
        "                     ^ address\n");
    EXPECT_EQ(compare("fault #PF read NULL at main\nexit status 0\n", "fault #PF write NULL at main\nexit status 0\n"),
              "t:3: error: fault differs from the recording\n"
              "  expected  #PF read NULL at main\n"
              "  actual    #PF write NULL at main\n"
              "                ^ access\n");
}

TEST(Compare, TellsOneKindOfEventFromAnother)
{
    EXPECT_EQ(compare("enter main\nexit status 0\n", "enter main\nfault #UD at main\nexit status 0\n"),
              "t:4: error: fault where the recording has exit\n"
              "  after     enter    main\n"
              "  expected  exit     status 0\n"
              "  actual    fault    #UD at main\n");
    EXPECT_EQ(compare("exit status 0\n", "exit status 1\n"), "t:3: error: exit differs from the recording\n"
                                                             "  expected  status 0\n"
                                                             "  actual    status 1\n"
                                                             "                   ^ result\n");
    EXPECT_EQ(compare("exit status 0\n", "exit killed by SIGSEGV\n"), "t:3: error: exit differs from the recording\n"
                                                                      "  expected  status 0\n"
                                                                      "  actual    killed by SIGSEGV\n"
                                                                      "            ^ way to end\n");
}

TEST(Compare, SaysWhyARunStoppedTooEarly)
{
    Trace cut = trace_of("enter main\nexit status 0\n");
    cut.events.pop_back();
    const auto difference = compare_traces(trace_of("enter main\nexit status 0\n"), cut, "the run ended: triple fault");
    ASSERT_TRUE(difference);
    EXPECT_EQ(format_difference("t", *difference, ""), "t:4: error: exit did not happen\n"
                                                       "  after     enter    main\n"
                                                       "  expected  exit     status 0\n"
                                                       "  actual    the run ended: triple fault\n");
}

TEST(Compare, SaysWhereTheProgramDidNotCome)
{
    EXPECT_EQ(compare("enter main\ninject nmi at main+0x2\nexit status 0\n", "enter main\nexit status 0\n"),
              "t:4: error: the program did not come to main+0x2 before its next event\n"
              "  after     enter    main\n"
              "  expected  inject   nmi at main+0x2\n"
              "  actual    exit     status 0\n");
    EXPECT_EQ(compare("inject nmi at main\nexit status 0\n", "inject nmi at start\nexit status 0\n"),
              "t:3: error: inject differs from the recording\n"
              "  expected  nmi at main\n"
              "  actual    nmi at start\n"
              "                   ^ place\n");
    EXPECT_EQ(compare("inject nmi at main\nexit status 0\n", "inject machine_check at main\nexit status 0\n"),
              "t:3: error: inject differs from the recording\n"
              "  expected  nmi at main\n"
              "  actual    machine_check at main\n"
              "            ^ event\n");
}

TEST(Compare, HoldsASectionAgainstTheSameChild)
{
    EXPECT_EQ(compare("follow children\nexit status 0\nchild PID+0x1\nexit status 1\n",
                      "follow children\nexit status 0\nchild PID+0x2\nexit status 1\n"),
              "t:5: error: child differs from the recording\n"
              "  after     exit     status 0\n"
              "  expected  PID+0x1\n"
              "  actual    PID+0x2\n"
              "            ^ child\n");
}

TEST(Compare, ShowsAtMostTwoEventsBefore)
{
    const auto difference =
        compare_traces(trace_of("enter a\nsyscall f() = 1\nsyscall g() = 2\nsyscall h() = 3\nexit status 0\n"),
                       trace_of("enter a\nsyscall f() = 1\nsyscall g() = 2\nsyscall h() = 4\nexit status 0\n"));
    ASSERT_TRUE(difference);
    EXPECT_EQ(difference->before, (std::vector<std::string>{"syscall  f() = 1", "syscall  g() = 2"}));
    EXPECT_EQ(difference->line, 6u);
}

TEST(Compare, TakesAnythingWhereTheTraceHasAStar)
{
    for (const char* const actual :
         {"f(1, 2) = 0", "f(\"text\", 2) = -1 EFAULT", "f(main+0x3, 2) = ?", "f(0x7, 2) = 0x9"}) {
        EXPECT_EQ(
            compare("syscall f(*, 2) = *\nexit status 0\n", "syscall " + std::string(actual) + "\nexit status 0\n"),
            "alike\n")
            << actual;
    }
    EXPECT_EQ(compare("syscall f(*) = 0\nexit status 0\n", "syscall f() = 0\nexit status 0\n"),
              "t:3: error: syscall differs from the recording\n"
              "  expected  f(*) = 0\n"
              "  actual    f() = 0\n"
              "              ^ argument 1 is missing\n");
}

TEST(Compare, WantsWhatACapturedNameStoodForFirst)
{
    const std::string expected = "syscall mmap(4096) = $map\n"
                                 "syscall munmap($map+0x1000, 4096) = 0\n"
                                 "syscall kill($map-0x10) = $map\n"
                                 "exit status 0\n";
    EXPECT_EQ(compare(expected, "syscall mmap(4096) = 0x7000\nsyscall munmap(0x8000, 4096) = 0\n"
                                "syscall kill(0x6ff0) = 0x7000\nexit status 0\n"),
              "alike\n");
    EXPECT_EQ(compare(expected, "syscall mmap(4096) = TOP-0x2000\nsyscall munmap(TOP-0x1000, 4096) = 0\n"
                                "syscall kill(TOP-0x2010) = TOP-0x2000\nexit status 0\n"),
              "alike\n");
    EXPECT_EQ(compare(expected, "syscall mmap(4096) = 0x7000\nsyscall munmap(0x9000, 4096) = 0\nexit status 0\n"),
              "t:4: error: syscall differs from the recording\n"
              "  after     syscall  mmap(4096) = $map\n"
              "  expected  munmap($map+0x1000, 4096) = 0\n"
              "  actual    munmap(0x9000, 4096) = 0\n"
              "                   ^ argument 1 ($map is 0x7000)\n");
    EXPECT_EQ(compare("syscall f() = $pid\nsyscall g() = $pid\nexit status 0\n",
                      "syscall f() = 5\nsyscall g() = 6\nexit status 0\n"),
              "t:4: error: syscall differs from the recording\n"
              "  after     syscall  f() = $pid\n"
              "  expected  g() = $pid\n"
              "  actual    g() = 6\n"
              "                  ^ result ($pid is 5)\n");
    // What has no number is nothing that could come again.
    EXPECT_NE(compare("syscall f() = $a\nexit status 0\n", "syscall f() = -1 EFAULT\nexit status 0\n"), "alike\n");
    EXPECT_NE(compare("syscall f($a) = 0\nexit status 0\n", "syscall f(\"a\") = 0\nexit status 0\n"), "alike\n");
}

std::string compare_held(const std::string& expected, const std::string& actual)
{
    const auto trace = [](const std::string& holds) {
        auto parsed = parse_trace("# ringcheck trace 1\ninjected p\nmemory m valid 8\nmemory n valid 8\nholds " +
                                  holds + "\nexit status 0\n");
        EXPECT_TRUE(parsed) << parsed.error().text;
        return parsed.value_or(Trace{});
    };
    const auto difference = compare_traces(trace(expected), trace(actual));
    return difference ? format_difference("t", without_what_follows(*difference), "") : "alike\n";
}

TEST(Compare, PointsAtWhatMemoryHolds)
{
    const std::string before = "t:5: error: holds differs from the recording\n  after     memory   m valid 8\n"
                               "  after     memory   n valid 8\n";
    EXPECT_EQ(compare_held("m *", "m \"x\""), "alike\n");
    EXPECT_EQ(compare_held("m {a=*, b=$x, c=1}", "m {a=1, b=2, c=1}"), "alike\n");
    EXPECT_EQ(compare_held("m *", "n *"), before + "  expected  m *\n  actual    n *\n            ^ name\n");
    EXPECT_EQ(compare_held("m \"a\\nc\"", "m \"a\\nd\""), before + "  expected  m \"a\\nc\"\n  actual    m \"a\\nd\"\n"
                                                                   "                  ^ byte 2\n");
    EXPECT_EQ(compare_held("m {a=1, b=2}", "m {a=1, b=3}"),
              before + "  expected  m {a=1, b=2}\n  actual    m {a=1, b=3}\n                      ^ b\n");
    EXPECT_EQ(compare_held("m {a=$x, b=$x}", "m {a=1, b=3}"),
              before + "  expected  m {a=$x, b=$x}\n  actual    m {a=1, b=3}\n                      ^ b\n");
    EXPECT_EQ(compare_held("m {a=1}", "m \"x\""),
              before + "  expected  m {a=1}\n  actual    m \"x\"\n               ^ byte 0\n");
}

} // namespace
