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

std::string compare(const std::string& expected, const std::string& actual)
{
    const auto difference = compare_traces(trace_of(expected), trace_of(actual));
    return difference ? format_difference("t", *difference, "") : "alike\n";
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
              "note: do this\n");
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

TEST(Compare, ShowsAtMostTwoEventsBefore)
{
    const auto difference =
        compare_traces(trace_of("enter a\nsyscall f() = 1\nsyscall g() = 2\nsyscall h() = 3\nexit status 0\n"),
                       trace_of("enter a\nsyscall f() = 1\nsyscall g() = 2\nsyscall h() = 4\nexit status 0\n"));
    ASSERT_TRUE(difference);
    EXPECT_EQ(difference->before, (std::vector<std::string>{"syscall  f() = 1", "syscall  g() = 2"}));
    EXPECT_EQ(difference->line, 6u);
}

} // namespace
