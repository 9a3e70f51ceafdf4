// SPDX-License-Identifier: MIT
// Property: who never gives the CPU up is held lower for a bounded time, who does is left alone.
#include "process/parasite.h"

#include <gtest/gtest.h>

namespace kernel {
namespace {

using Meter = ParasiteMeter;

/// Runs for `ticks`, with a pause after every `ticks_between_pauses`; 0: none.  @return the tick after the last one
std::uint64_t run(Meter& meter, std::uint64_t now, std::uint64_t ticks, std::uint64_t ticks_between_pauses)
{
    for (std::uint64_t tick = 1; tick <= ticks; ++tick, ++now) {
        meter.ran(now);
        if (ticks_between_pauses != 0 && tick % ticks_between_pauses == 0) {
            meter.paused();
        }
    }
    return now;
}

TEST(ParasiteMeter, FindsWhoeverNeverPauses)
{
    Meter meter;
    std::uint64_t now = run(meter, 0, Meter::kWindowTicks - 1, 0);
    EXPECT_EQ(meter.penalty(now), 0u);
    now = run(meter, now, 1, 0);
    EXPECT_EQ(meter.penalty(now), Meter::kPenaltyLevels);
}

TEST(ParasiteMeter, LeavesWhoeverPausesAlone)
{
    Meter meter;
    const std::uint64_t now = run(meter, 0, 10 * Meter::kWindowTicks, Meter::kTicksForEachPause - 1);
    EXPECT_EQ(meter.penalty(now), 0u);
}

TEST(ParasiteMeter, EndsThePenaltyByItself)
{
    Meter meter;
    const std::uint64_t now = run(meter, 0, Meter::kWindowTicks, 0);
    EXPECT_EQ(meter.penalty(now - 1 + Meter::kPenaltyTicks - 1), Meter::kPenaltyLevels);
    EXPECT_EQ(meter.penalty(now - 1 + Meter::kPenaltyTicks), 0u);
}

TEST(ParasiteMeter, ForgivesWhoeverBeginsToPause)
{
    Meter meter;
    std::uint64_t now = run(meter, 0, Meter::kWindowTicks, 0);
    now = run(meter, now + Meter::kPenaltyTicks, 10 * Meter::kWindowTicks, 4);
    EXPECT_EQ(meter.penalty(now), 0u);
}

} // namespace
} // namespace kernel
