// SPDX-License-Identifier: MIT
// Property: within an epoch the lowest level runs first and a level takes turns; nobody is left out of an epoch.
#include "process/run_queue.h"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

namespace kernel {
namespace {

class RunQueueTest : public testing::Test {
protected:
    Thread& thread(unsigned id, unsigned level, std::uint16_t ticks_left)
    {
        threads_.push_back(std::make_unique<Thread>());
        Thread& made = *threads_.back();
        made.id = ThreadId{id};
        made.level = static_cast<std::uint8_t>(level);
        made.ticks_left = ticks_left;
        return made;
    }
    /// The numbers of all that are ready, in the order in which they run.
    std::vector<unsigned> drain()
    {
        std::vector<unsigned> order;
        while (const Thread* const next = queue.pop()) {
            order.push_back(static_cast<unsigned>(next->id));
        }
        return order;
    }

    RunQueue queue;

private:
    std::vector<std::unique_ptr<Thread>> threads_;
};

using Order = std::vector<unsigned>;

TEST_F(RunQueueTest, RunsTheLowestLevelFirstAndALevelInOrder)
{
    for (const auto& [id, level] : {std::pair{1u, 20u}, {2u, 0u}, {3u, 39u}, {4u, 20u}, {5u, 0u}}) {
        queue.push(thread(id, level, 1));
    }
    EXPECT_EQ(drain(), (Order{2, 5, 1, 4, 3}));
    EXPECT_TRUE(queue.empty());
}

TEST_F(RunQueueTest, LetsWhoeverUsedUpItsTurnWaitForTheOthers)
{
    Thread& used_up = thread(1, 0, 0);
    queue.push(used_up);
    queue.push(thread(2, 39, 1));
    EXPECT_EQ(used_up.ticks_left, RunQueue::turn_ticks(0));
    EXPECT_EQ(drain(), (Order{2, 1}));
}

TEST_F(RunQueueTest, StarvesNobodyWhateverTheLevels)
{
    // The lowest level computes for ever; the highest has to get a turn after each of its turns.
    queue.push(thread(1, 0, 1));
    queue.push(thread(2, 39, 1));
    Order order;
    for (unsigned turn = 0; turn < 6; ++turn) {
        Thread& next = *queue.pop();
        order.push_back(static_cast<unsigned>(next.id));
        next.ticks_left = 0;
        queue.push(next);
    }
    EXPECT_EQ(order, (Order{1, 2, 1, 2, 1, 2}));
}

TEST_F(RunQueueTest, ForgetsAThreadThatIsTakenOutOfEitherEpoch)
{
    Thread& now = thread(1, 5, 1);
    Thread& later = thread(2, 5, 0);
    queue.push(now);
    queue.push(later);
    queue.push(thread(3, 6, 1));
    queue.remove(now);
    EXPECT_FALSE(queue.has_until(5));
    EXPECT_TRUE(queue.has_until(6));
    queue.remove(later);
    EXPECT_EQ(drain(), (Order{3}));
}

TEST_F(RunQueueTest, ComparesLevelsOfThisEpochOnly)
{
    queue.push(thread(1, 10, 1));
    queue.push(thread(2, 3, 0)); // of the next epoch
    EXPECT_FALSE(queue.has_before(10));
    EXPECT_TRUE(queue.has_before(11));
    EXPECT_TRUE(queue.has_until(10));
    EXPECT_FALSE(queue.has_until(9));
    EXPECT_TRUE(queue.has_until(39));
}

TEST_F(RunQueueTest, GivesLowerLevelsLongerTurns)
{
    EXPECT_EQ(RunQueue::turn_ticks(0), 8);
    EXPECT_EQ(RunQueue::turn_ticks(20), 4);
    EXPECT_EQ(RunQueue::turn_ticks(39), 1);
    for (unsigned level = 1; level < RunQueue::kLevels; ++level) {
        EXPECT_LE(RunQueue::turn_ticks(level), RunQueue::turn_ticks(level - 1));
    }
}

} // namespace
} // namespace kernel
