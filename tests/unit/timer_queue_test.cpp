// SPDX-License-Identifier: MIT
// Property: sleepers come out by deadline, equal ones in the order in which they went in, whoever else leaves.
#include "process/timer_queue.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <random>
#include <vector>

namespace kernel {
namespace {

constexpr unsigned kSleepers = 200;
using Queue = TimerQueue<kSleepers>;

class TimerQueueTest : public testing::Test {
protected:
    TimerQueueTest()
    {
        for (unsigned i = 0; i < kSleepers; ++i) {
            threads.push_back(std::make_unique<Thread>());
        }
    }
    /// Takes out all that are due at `now`.
    std::vector<const Thread*> drain(std::uint64_t now)
    {
        std::vector<const Thread*> order;
        while (Thread* const thread = queue.due(now)) {
            order.push_back(thread);
            queue.remove(*thread);
        }
        return order;
    }

    Queue queue;
    std::vector<std::unique_ptr<Thread>> threads;
};

TEST_F(TimerQueueTest, WakesNobodyBeforeItsDeadline)
{
    queue.add(*threads[0], 10);
    EXPECT_EQ(queue.due(9), nullptr);
    EXPECT_EQ(queue.due(10), threads[0].get());
}

TEST_F(TimerQueueTest, KeepsTheOrderOfEqualDeadlines)
{
    std::vector<const Thread*> expected;
    for (const auto& thread : threads) {
        queue.add(*thread, 7);
        expected.push_back(thread.get());
    }
    EXPECT_EQ(drain(7), expected);
}

TEST_F(TimerQueueTest, SortsWhateverIsAddedAndTakenOut)
{
    std::mt19937 random{1}; // NOLINT(bugprone-random-generator-seed,cert-msc51-cpp): the same run every time
    for (unsigned round = 0; round < 50; ++round) {
        for (const auto& thread : threads) {
            queue.add(*thread, random() % 20);
        }
        std::vector<std::pair<std::uint64_t, unsigned>> left; // deadline, and the order of adding
        for (unsigned i = 0; i < kSleepers; ++i) {
            if (random() % 3 == 0) {
                queue.remove(*threads[i]);
                EXPECT_EQ(threads[i]->timer_index, 0u);
            } else {
                left.emplace_back(threads[i]->deadline, i);
            }
        }
        std::ranges::sort(left);
        std::vector<const Thread*> expected;
        for (const auto& [deadline, index] : left) {
            expected.push_back(threads[index].get());
        }
        EXPECT_EQ(drain(20), expected);
    }
}

TEST_F(TimerQueueTest, IgnoresAThreadThatDoesNotSleep)
{
    queue.remove(*threads[0]);
    EXPECT_EQ(queue.due(~std::uint64_t{0}), nullptr);
}

} // namespace
} // namespace kernel
