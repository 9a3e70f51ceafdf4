// SPDX-License-Identifier: MIT
// What no longer holds is written anew; everything else of the file stays, byte for byte.
#include "generator.h"
#include "trace/compare.h"
#include "trace/trace_parse.h"
#include "trace/trace_print.h"
#include "trace/trace_update.h"

#include <gtest/gtest.h>

#include <string>

namespace {

using namespace ringcheck;

Trace parsed(const std::string& text)
{
    auto trace = parse_trace(text);
    EXPECT_TRUE(trace) << trace.error().text << "\n" << text;
    return trace.value_or(Trace{});
}

const std::string kHead = "# ringcheck trace 1\n# why\ninjected p\nmemory m valid 8\n";

TraceUpdate update(const std::string& text, const std::string& actual)
{
    return update_trace(kHead + text, parsed(kHead + text), parsed(kHead + actual));
}

TEST(TraceUpdate, LeavesAFileThatHolds)
{
    const std::string text = "\n# comment\nsyscall   f(*)   = $x\nsyscall g($x) = *\nholds m *\nexit status 0\n# end\n";
    const TraceUpdate same = update(text, "syscall f(1) = 2\nsyscall g(2) = 3\nholds m \"y\"\nexit status 0\n");
    EXPECT_EQ(same.text, kHead + text);
    EXPECT_TRUE(same.changes.empty());
}

TEST(TraceUpdate, ChangesALineAndKeepsTheCommentsAndPatternsThatHold)
{
    const TraceUpdate changed =
        update("# one\nsyscall f(*, 1)  =  2\n# two\nsyscall g() = 5\nholds m {a=*, b=1}\nexit status 0\n",
               "syscall f(7, 1) = 3\nsyscall g() = 5\nholds m {a=4, b=2}\nexit status 0\n");
    EXPECT_EQ(changed.text, kHead + "# one\nsyscall  f(*, 1) = 3\n# two\nsyscall g() = 5\nholds    m {a=*, b=2}\n"
                                    "exit status 0\n");
    const std::vector<TraceUpdate::Change> expected = {{6, "syscall  f(*, 1) = 2", "syscall  f(*, 1) = 3"},
                                                       {9, "holds    m {a=*, b=1}", "holds    m {a=*, b=2}"}};
    EXPECT_EQ(changed.changes, expected);
}

TEST(TraceUpdate, AddsAndRemovesLines)
{
    const TraceUpdate added = update("syscall f() = 0\n# behind\nexit status 0\n",
                                     "holds m \"x\"\nsyscall f() = 0\nholds m \"y\"\nexit status 0\n");
    EXPECT_EQ(added.text, kHead + "holds    m \"x\"\nsyscall f() = 0\nholds    m \"y\"\n# behind\nexit status 0\n");
    ASSERT_EQ(added.changes.size(), 2u);
    EXPECT_EQ(added.changes[0], (TraceUpdate::Change{4, "", "holds    m \"x\""}));
    const TraceUpdate removed =
        update("syscall f() = 0\n# behind\nsyscall g() = 0\nexit status 0\n", "syscall f() = 0\nexit status 0\n");
    EXPECT_EQ(removed.text, kHead + "syscall f() = 0\n# behind\nexit status 0\n");
    ASSERT_EQ(removed.changes.size(), 1u);
    EXPECT_EQ(removed.changes[0], (TraceUpdate::Change{7, "syscall  g() = 0", ""}));
}

TEST(TraceUpdate, AddsBehindWhatTheProgramIsGiven)
{
    const std::string head = "# ringcheck trace 1\nprogram p\nenvironment \"A=1\"\ninput \"x\"\n";
    const TraceUpdate added = update_trace(head + "exit status 0\n", parsed(head + "exit status 0\n"),
                                           parsed(head + "enter main\nexit status 0\n"));
    EXPECT_EQ(added.text, head + "enter    main\nexit status 0\n");
}

TEST(TraceUpdate, ReplacesACapturedNameThatDoesNotHold)
{
    const TraceUpdate changed = update("syscall f() = $x\nsyscall g() = $x\nexit status 0\n",
                                       "syscall f() = 1\nsyscall g() = 2\nexit status 0\n");
    EXPECT_EQ(changed.text, kHead + "syscall f() = $x\nsyscall  g() = 2\nexit status 0\n");
}

TEST(TraceUpdate, AlwaysGivesATraceThatHolds)
{
    for (unsigned seed = 0; seed < 1000; ++seed) {
        trace_tests::Generator random(seed);
        Trace actual = random.trace();
        Trace expected = actual;
        while (random.below(3) != 0) {
            const std::size_t place = random.below(expected.events.size());
            const auto& what = expected.events[place].what;
            const bool others_need_it = std::holds_alternative<MemoryEvent>(what) ||
                                        std::holds_alternative<ChildEvent>(what) ||
                                        std::holds_alternative<ExitEvent>(what);
            if (random.below(2) == 0 && place + 1 < expected.events.size() && !others_need_it) {
                expected.events.erase(expected.events.begin() + static_cast<std::ptrdiff_t>(place));
            } else if (place + 1 < expected.events.size() &&
                       std::holds_alternative<SyscallEvent>(expected.events[place].what)) {
                std::get<SyscallEvent>(expected.events[place].what).result = random.result();
            }
        }
        const std::string text = print_trace(expected);
        const TraceUpdate updated = update_trace(text, parsed(text), actual);
        const Trace again = parsed(updated.text);
        ASSERT_FALSE(compare_traces(again, actual)) << "seed " << seed << "\n" << text << "became\n" << updated.text;
    }
}

} // namespace
