// SPDX-License-Identifier: MIT
// A run that goes on from the boot of many is, to the instruction, the run that boots by itself.
#include "cli/boot_point.h"
#include "cli/trace_replay.h"
#include "trace/trace_parse.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace {

using namespace ringcheck;
using namespace ringcheck::cli;

struct End {
    std::uint64_t count = 0, now = 0;
    std::string console;
    bool held = false;
    bool operator==(const End&) const = default;
};

class BootPointTest : public testing::Test {
protected:
    End run(const std::string& path, BootPoint* boot)
    {
        const Trace trace = load_trace(AETHEL_TRACES "/" + path).value();
        const auto session = Session::create(files_, options_, trace.program, LogFilter::Normal, boot).value();
        const Replay replayed = replay_trace(*session, trace, options_.limit);
        return {session->machine().instruction_count(), session->machine().now(), session->machine().console(),
                !replayed.difference && replayed.ended};
    }

    static GuestOptions options()
    {
        GuestOptions options;
        options.kernel = AETHEL_DEFAULT_KERNEL;
        return options;
    }
    GuestOptions options_ = options();
    GuestFiles files_ = GuestFiles::load(options_).value();
};

TEST_F(BootPointTest, LeadsToTheSameRuns)
{
    const auto boot = BootPoint::boot(files_, options_, false);
    ASSERT_NE(boot, nullptr);
    for (const char* const path : {"hello.trace", "processes.trace", "hello.trace", "injected/children.trace",
                                   "memory.trace", "pie.trace", "processes.trace"}) {
        const End alone = run(path, nullptr), after_others = run(path, boot.get());
        EXPECT_TRUE(alone.held) << path;
        EXPECT_EQ(after_others.count, alone.count) << path;
        EXPECT_EQ(after_others.console, alone.console) << path;
        EXPECT_TRUE(after_others == alone) << path;
    }
}

TEST_F(BootPointTest, HasAMachineForTwoAtATime)
{
    const auto boot = BootPoint::boot(files_, options_, false);
    ASSERT_NE(boot, nullptr);
    const auto one = Session::create(files_, options_, "hello", LogFilter::Normal, boot.get()).value();
    const End other = run("hello.trace", boot.get());
    EXPECT_TRUE(other.held);
    Trace hello;
    hello.program = "hello";
    const RunEnd end = one->run(one->script_for(hello), options_.limit);
    EXPECT_EQ(end.kind, EndKind::PowerOff) << end.text;
    EXPECT_EQ(one->machine().instruction_count(), other.count);
}

TEST_F(BootPointTest, IsNoneWithoutAPrompt)
{
    GuestFiles other = GuestFiles::load(options_).value();
    other.guest.prompt = "no such prompt> ";
    GuestOptions short_run = options_;
    short_run.limit = 1'000'000;
    EXPECT_EQ(BootPoint::boot(other, short_run, false), nullptr);
    other.guest.prompt = "";
    EXPECT_EQ(BootPoint::boot(other, options_, false), nullptr);
    GuestOptions from = options_;
    from.from = "some.snap";
    EXPECT_EQ(BootPoint::boot(files_, from, false), nullptr);
}

} // namespace
