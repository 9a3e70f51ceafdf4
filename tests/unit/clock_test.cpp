// SPDX-License-Identifier: MIT
// Property: a span never becomes a shorter one in ticks, and no span a program can name overflows.
#include "process/clock.h"

#include <gtest/gtest.h>

#include <limits>

namespace kernel {
namespace {

using uapi::TimeSpec;

TEST(Clock, RoundsSpansUpToTicks)
{
    EXPECT_EQ(ticks_of(TimeSpec{0, 0}), 0u);
    EXPECT_EQ(ticks_of(TimeSpec{0, 1}), 1u);
    EXPECT_EQ(ticks_of(TimeSpec{0, 1'000'000}), 1u);
    EXPECT_EQ(ticks_of(TimeSpec{0, 1'000'001}), 2u);
    EXPECT_EQ(ticks_of(TimeSpec{2, 999'999'999}), 3'000u);
}

TEST(Clock, RefusesWhatIsNoTime)
{
    for (const TimeSpec wrong :
         {TimeSpec{-1, 0}, {0, -1}, {0, 1'000'000'000}, {0, std::numeric_limits<std::int64_t>::max()}}) {
        EXPECT_EQ(ticks_of(wrong), std::unexpected(uapi::Error::Einval));
    }
}

TEST(Clock, KeepsTheLongestSpanBelowForEver)
{
    const auto longest = ticks_of(TimeSpec{std::numeric_limits<std::int64_t>::max(), 999'999'999});
    ASSERT_TRUE(longest);
    EXPECT_GT(deadline_after(std::uint64_t{1} << 62, *longest), std::uint64_t{1} << 62);
}

TEST(Clock, ShowsTicksAsSecondsAndTheirParts)
{
    EXPECT_EQ(time_spec_of_ticks(61'234).seconds, 61);
    EXPECT_EQ(time_spec_of_ticks(61'234).nanoseconds, 234'000'000);
    EXPECT_EQ(time_value_of_ticks(61'234).microseconds, 234'000);
}

} // namespace
} // namespace kernel
