// SPDX-License-Identifier: MIT
// The interval timer: counts, edges and latches follow from the time alone.
#include "arch/pit8254.h"
#include "machine/devices/pit8254.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace {

namespace pit = arch::pit8254;

constexpr std::uint8_t kMode0 = 0x30, kRate = 0x34, kSquareWave = 0x36; // counter 0, low byte then high byte

class PitTest : public testing::Test {
protected:
    /// Programs counter 0 at time 0, which is tick 0: the count is loaded at tick 1.
    void program(std::uint8_t control, std::uint16_t count)
    {
        timer.write(pit::kControl, control);
        timer.write(pit::kChannel0, static_cast<std::uint8_t>(count));
        timer.write(pit::kChannel0, static_cast<std::uint8_t>(count >> 8));
    }
    /// The first nanosecond of a tick.
    static std::uint64_t at_tick(std::uint64_t tick)
    {
        return (tick * 1'000'000'000 + pit::kClockHz - 1) / pit::kClockHz;
    }
    unsigned edges_until(std::uint64_t nanoseconds)
    {
        now = nanoseconds;
        edges = 0;
        timer.advance();
        return edges;
    }
    std::uint16_t read_count()
    {
        const std::uint8_t low = timer.read(pit::kChannel0);
        return static_cast<std::uint16_t>(low | timer.read(pit::kChannel0) << 8);
    }

    std::uint64_t now = 0;
    unsigned edges = 0;
    std::vector<std::string> reports;
    ringcheck::Pit8254 timer{[this] { return now; }, [this] { ++edges; },
                             [this](const std::string& what) { reports.push_back(what); }};
};

TEST_F(PitTest, TheRateGeneratorRisesOncePerPeriod)
{
    program(kRate, 1193);
    ASSERT_EQ(timer.next_event(), at_tick(1 + 1193));
    EXPECT_EQ(edges_until(at_tick(1194) - 1), 0u);
    EXPECT_EQ(edges_until(at_tick(1194)), 1u);
    EXPECT_EQ(timer.next_event(), at_tick(1 + 2 * 1193));
    EXPECT_EQ(edges_until(1'000'000'000), 1'000u - 1) << "1193182 / 1193 = 1000.15 edges a second";
}

TEST_F(PitTest, AZeroCountIsTheLongestOne)
{
    program(kRate, 0);
    EXPECT_EQ(timer.next_event(), at_tick(1 + 0x1'0000));
}

TEST_F(PitTest, OneShotRisesOnceAndCountsOnBelowZero)
{
    program(kMode0, 100);
    EXPECT_EQ(timer.next_event(), at_tick(101));
    EXPECT_EQ(edges_until(1'000'000), 1u);
    EXPECT_EQ(timer.next_event(), std::nullopt);
    now = at_tick(1 + 102);
    EXPECT_EQ(read_count(), 0xfffe);
}

TEST_F(PitTest, TheRateCountRunsDownToOneAndTheSquareWaveByTwo)
{
    program(kRate, 10);
    now = at_tick(1 + 9);
    EXPECT_EQ(read_count(), 1);
    now = at_tick(1 + 10);
    EXPECT_EQ(read_count(), 10);
    now = 0;
    program(kSquareWave, 10);
    now = at_tick(1 + 2);
    EXPECT_EQ(read_count(), 6);
    EXPECT_EQ(edges_until(at_tick(1 + 10)), 1u);
}

TEST_F(PitTest, ALatchedCountStandsStillUntilItIsRead)
{
    program(kRate, 1000);
    now = at_tick(1 + 100);
    timer.write(pit::kControl, 0x00); // latch counter 0
    now = at_tick(1 + 500);
    EXPECT_EQ(read_count(), 900);
    EXPECT_EQ(read_count(), 500);
}

TEST_F(PitTest, ReadBackGivesStatusThenCount)
{
    constexpr std::uint8_t kReadBackCounter0 = 0xc2;
    program(kRate, 1000);
    now = at_tick(1 + 100);
    timer.write(pit::kControl, kReadBackCounter0);
    now = at_tick(1 + 200);
    EXPECT_EQ(timer.read(pit::kChannel0), 0x80 | kRate) << "OUT high, count in use, mode as programmed";
    EXPECT_EQ(read_count(), 900);
}

TEST_F(PitTest, OneByteAccessTakesOneByte)
{
    timer.write(pit::kControl, 0x14); // counter 0, low byte only, rate
    timer.write(pit::kChannel0, 50);
    EXPECT_EQ(timer.next_event(), at_tick(51));
}

TEST_F(PitTest, ReportsModesThatItDoesNotHave)
{
    program(kRate, 100);
    EXPECT_TRUE(reports.empty());
    timer.write(pit::kControl, 0x38); // mode 4
    timer.write(pit::kControl, 0x31); // BCD
    EXPECT_EQ(reports.size(), 2u);
}

} // namespace
