// SPDX-License-Identifier: MIT
// Sections of children and events from outside, as a trace writes them.
#include "trace/trace_parse.h"
#include "trace/trace_print.h"
#include "trace/trace_text.h"

#include <gtest/gtest.h>

#include <string>

namespace {

using namespace ringcheck;

constexpr const char* kText = "# ringcheck trace 1\n"
                              "program parent\n"
                              "input \"x\\n\"\n"
                              "follow children\n"
                              "enter    _start\n"
                              "inject   nmi at main+0x12\n"
                              "inject   interrupt 255 at 0x401000\n"
                              "inject   machine_check at PROGRAM_BASE+0x10\n"
                              "syscall  fork() = PID+0x1\n"
                              "exit     status 0\n"
                              "child    PID-0x2\n"
                              "fault    #UD at main\n"
                              "exit     killed by SIGILL\n"
                              "child    PID+0x1\n"
                              "syscall  exit(3)\n"
                              "exit     status 3\n";

TEST(TraceFamily, IsReadAndPrintedAsTheSameLines)
{
    const auto trace = parse_trace(kText);
    ASSERT_TRUE(trace) << trace.error().text;
    EXPECT_TRUE(trace->setting.children);
    EXPECT_EQ(trace->header_end, 4u);
    ASSERT_EQ(trace->events.size(), 12u);
    EXPECT_EQ(std::get<InjectEvent>(trace->events[2].what).injection, (Injection{Injection::Kind::Interrupt, 255}));
    EXPECT_EQ(std::get<ChildEvent>(trace->events[6].what).number, -2);
    EXPECT_EQ(trace->events[6].line, 11u);
    EXPECT_EQ(print_trace(*trace), kText);
    EXPECT_EQ(lay_out(kText, *trace), kText);
    Trace other = *trace;
    other.setting.children = false;
    EXPECT_FALSE(other == *trace);
}

TEST(TraceFamily, IsLeftOutWhereNobodyCanKnowIt)
{
    const auto trace = parse_trace(kText);
    ASSERT_TRUE(trace);
    const Trace alone = as_logged(without_children(*trace));
    EXPECT_EQ(print_trace(alone), "# ringcheck trace 1\nprogram parent\ninput \"x\\n\"\nenter    _start\n"
                                  "syscall  fork() = PID+0x1\nexit     status 0\n");
    EXPECT_EQ(as_logged(*trace).events.size(), 9u);
    EXPECT_EQ(without_children(alone), alone);
}

TEST(TraceFamily, IsSummarisedByTheProgramsOwnEnd)
{
    const auto trace = parse_trace(kText);
    ASSERT_TRUE(trace);
    EXPECT_TRUE(summarise(*trace).starts_with("parent: 12 events, 1 faults, 2 children, status 0\n"))
        << summarise(*trace);
    EXPECT_TRUE(print_as_strace(*trace).ends_with("= PID+0x1\n+++ exited with 0 +++\n")) << print_as_strace(*trace);
}

std::string error_of(const std::string& lines)
{
    const auto trace = parse_trace("# ringcheck trace 1\n" + lines);
    return trace ? "" : format_parse_error("t", trace.error());
}

TEST(TraceFamily, IsRefusedWithItsPlace)
{
    const std::string plain = "program a\nexit status 0\n", family = "program a\nfollow children\nexit status 0\n";
    EXPECT_EQ(error_of(family), "");
    EXPECT_EQ(error_of(plain + "child PID+0x1\nexit status 0\n"), "t:4:1: error: nothing follows the exit line");
    EXPECT_EQ(error_of(family + "syscall f()\n"), "t:5:1: error: behind an exit line stands a child line, or nothing");
    EXPECT_EQ(error_of("program a\nfollow children\nchild PID+0x1\n"),
              "t:4:1: error: a child line stands behind an exit line, and where children are followed");
    EXPECT_EQ(error_of(family + "child PID+0x3\nsyscall f()\n"),
              "t:6:1: error: the child has no exit line at its end: is the file cut off?");
    for (const char* const number : {"PID", "0x3", "PIDS+0x1"}) {
        EXPECT_EQ(error_of(family + "child " + number + "\nexit status 0\n"),
                  "t:5:7: error: a child is PID+0x1, by its number's distance from the traced program's");
    }
    for (const char* const number : {"PID+0x2", "PID+0x1", "PID-0x3"}) {
        EXPECT_EQ(error_of(family + "child PID+0x2\nexit status 0\nchild " + number + "\nexit status 0\n"),
                  "t:7:7: error: children stand in the order of their numbers, each once");
    }
    EXPECT_EQ(error_of(family + "child PID+0x2\nenter main\nexit status 0\n"),
              "t:6:1: error: a child goes on where its parent is, and has no enter line");
    EXPECT_EQ(error_of(family + "child PID+0x2\ninject nmi at main\nexit status 0\n"),
              "t:6:1: error: events come to the program's first thread, not to its children");
    EXPECT_EQ(
        error_of("program a\nfollow children\nfollow children\nexit status 0\n"),
        "t:4:1: error: environment lines, then file lines, then input lines, then one follow line come before the "
        "first event");
    EXPECT_EQ(error_of("program a\nfollow\nexit status 0\n"), "t:3:7: error: 'children' is missing here");
    EXPECT_NE(error_of("program a\nfollow children too\nexit status 0\n"), "");
    EXPECT_NE(error_of("injected a\nfollow children\nexit status 0\n"), "");
}

TEST(TraceFamily, HasSwitchesWhereTheyAreFollowed)
{
    const std::string text = "# ringcheck trace 1\nprogram parent\nfollow children switches\nenter    _start\n"
                             "switch   PID+0x1\nswitch   kernel\nexit     status 0\n"
                             "child    PID+0x1\nswitch   PID\nswitch   other\nexit     status 0\n";
    const auto trace = parse_trace(text);
    ASSERT_TRUE(trace) << trace.error().text;
    EXPECT_EQ(print_trace(*trace), text);
    EXPECT_EQ(print_trace(as_logged(*trace)), "# ringcheck trace 1\nprogram parent\nfollow children\nenter    _start\n"
                                              "exit     status 0\nchild    PID+0x1\nexit     status 0\n");
    EXPECT_EQ(error_of("program a\nfollow children\nswitch kernel\nexit status 0\n"),
              "t:4:1: error: a switch line stands where children and switches are followed");
    for (const char* const to : {"other+0x1", "0x1", "kernels"}) {
        EXPECT_EQ(error_of(std::string("program a\nfollow children switches\nswitch ") + to + "\nexit status 0\n"),
                  "t:4:8: error: the process that has the CPU then is PID+0x1, 'other' or 'kernel'");
    }
    EXPECT_NE(error_of("program a\nfollow children switches switches\nexit status 0\n"), "");
}

TEST(TraceFamily, InjectedEventsAreRefusedWithTheirPlace)
{
    const auto error = [](const std::string& what) {
        return error_of("program a\ninject " + what + "\nexit status 0\n");
    };
    EXPECT_EQ(error("interrupt 32 at main"), "");
    EXPECT_EQ(error("smi at main"), "t:3:8: error: 'interrupt', 'nmi' or 'machine_check' is missing here");
    EXPECT_EQ(error("interrupt at main"), "t:3:18: error: the vector is missing here");
    EXPECT_EQ(error("interrupt 31 at main"), "t:3:18: error: an interrupt's vector is between 32 and 255");
    EXPECT_EQ(error("interrupt 256 at main"), "t:3:18: error: an interrupt's vector is between 32 and 255");
    EXPECT_EQ(error("nmi on main"), "t:3:12: error: 'at' is missing here");
    EXPECT_EQ(error("nmi at"), "t:3:14: error: a symbol or an address is missing here");
    EXPECT_NE(error("nmi at main too"), "");
    EXPECT_EQ(error_of("injected a\ninject nmi at main\nexit status 0\n"),
              "t:3:1: error: nothing comes from outside in an injected trace");
    ASSERT_TRUE(parse_injection("nmi at main"));
    EXPECT_EQ(print_event({*parse_injection("nmi at main"), 0}), "inject   nmi at main");
    EXPECT_FALSE(parse_injection(""));
}

} // namespace
