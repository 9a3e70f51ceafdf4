// SPDX-License-Identifier: MIT
// Signals that wait: which of them come, how often, in which order, and how many are kept.
// [signal(7) "Queueing and delivery semantics for standard signals", "Real-time signals"]
#include "process/pending_signals.h"

#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <random>
#include <vector>

namespace {

using kernel::PendingSignals;
using kernel::SignalSet;
using uapi::Signal;
using uapi::SignalInfo;

constexpr Signal kRealTime{40}, kFirstRealTime{uapi::kFirstRealTimeSignal}, kLast{uapi::kLastSignal};

SignalInfo info(Signal signal, std::uint64_t value)
{
    return {.number = signal,
            .code = uapi::signal_code::kQueue,
            .address = value,
            .sender = static_cast<std::uint32_t>(value) + 1,
            .status = 3,
            .time = 4};
}

/// The pool is the machine's: each test gives back what it took.
class PendingSignalsTest : public ::testing::Test {
protected:
    ~PendingSignalsTest() override
    {
        pending_.discard(SignalSet{~std::uint64_t{0}});
        EXPECT_TRUE(pending_.set().empty());
        std::vector<PendingSignals> all(PendingSignals::kPoolSize / PendingSignals::kMaximumQueued);
        for (PendingSignals& one : all) {
            for (unsigned i = 0; i < PendingSignals::kMaximumQueued; ++i) {
                EXPECT_TRUE(one.add(info(kRealTime, i))) << "the pool has lost some";
            }
        }
        for (PendingSignals& one : all) {
            one.discard(one.set());
        }
    }

    PendingSignals pending_;
};

TEST_F(PendingSignalsTest, StandardSignalsComeOnceAndTellOfTheFirst)
{
    for (std::uint64_t number = 1; number < uapi::kFirstRealTimeSignal; ++number) {
        const Signal signal{static_cast<std::uint8_t>(number)};
        EXPECT_TRUE(pending_.add(info(signal, 10)));
        EXPECT_TRUE(pending_.add(info(signal, 20)));
        EXPECT_EQ(pending_.set(), SignalSet::of(signal));
        EXPECT_EQ(pending_.take(signal), info(signal, 10)) << number;
        EXPECT_TRUE(pending_.set().empty());
    }
}

TEST_F(PendingSignalsTest, RealTimeSignalsComeAsOftenAsTheyWereSentAndInThatOrder)
{
    for (const Signal signal : {kFirstRealTime, kRealTime, kLast}) {
        for (std::uint64_t value = 0; value < 5; ++value) {
            EXPECT_TRUE(pending_.add(info(signal, value)));
        }
    }
    for (const Signal signal : {kLast, kFirstRealTime, kRealTime}) {
        for (std::uint64_t value = 0; value < 5; ++value) {
            ASSERT_TRUE(pending_.set().has(signal));
            EXPECT_EQ(pending_.take(signal), info(signal, value));
        }
        EXPECT_FALSE(pending_.set().has(signal));
    }
}

TEST_F(PendingSignalsTest, KeepSoManyForOneAndTheNumberOfAStandardSignalBeyond)
{
    for (unsigned i = 0; i < PendingSignals::kMaximumQueued; ++i) {
        ASSERT_TRUE(pending_.add(info(kRealTime, i)));
    }
    EXPECT_FALSE(pending_.add(info(kRealTime, 999)));
    EXPECT_FALSE(pending_.add(info(kLast, 999)));
    EXPECT_FALSE(pending_.set().has(kLast)) << "what was refused is not pending";
    EXPECT_TRUE(pending_.add(info(Signal::Sigusr1, 5)));
    EXPECT_EQ(pending_.take(Signal::Sigusr1), SignalInfo{.number = Signal::Sigusr1});
    EXPECT_EQ(pending_.take(kRealTime), info(kRealTime, 0));
    EXPECT_TRUE(pending_.add(info(kLast, 7))) << "there is room again";
    EXPECT_EQ(pending_.take(kLast), info(kLast, 7));
}

TEST_F(PendingSignalsTest, KeepSoManyForAll)
{
    constexpr unsigned kOwners = PendingSignals::kPoolSize / PendingSignals::kMaximumQueued;
    PendingSignals others[kOwners];
    for (PendingSignals& other : others) {
        while (other.add(info(kRealTime, 1))) {
        }
    }
    EXPECT_FALSE(pending_.add(info(kRealTime, 1)));
    EXPECT_TRUE(pending_.add(info(Signal::Sigterm, 1)));
    EXPECT_EQ(pending_.take(Signal::Sigterm), SignalInfo{.number = Signal::Sigterm});
    EXPECT_EQ(others[0].take(kRealTime), info(kRealTime, 1));
    EXPECT_TRUE(pending_.add(info(kRealTime, 2)));
    for (PendingSignals& other : others) {
        other.discard(other.set());
    }
}

TEST_F(PendingSignalsTest, DropThoseThatAreNamedAndNoOthers)
{
    for (std::uint64_t value = 0; value < 3; ++value) {
        EXPECT_TRUE(pending_.add(info(kRealTime, value)));
        EXPECT_TRUE(pending_.add(info(kLast, value)));
    }
    EXPECT_TRUE(pending_.add(info(Signal::Sigstop, 0)));
    EXPECT_TRUE(pending_.add(info(Signal::Sigcont, 0)));
    pending_.discard(SignalSet::of(kRealTime, Signal::Sigstop, Signal::Sighup)); // the last is not there
    EXPECT_EQ(pending_.set(), SignalSet::of(kLast, Signal::Sigcont));
    for (std::uint64_t value = 0; value < 3; ++value) {
        EXPECT_EQ(pending_.take(kLast), info(kLast, value));
    }
    pending_.discard(SignalSet{});
    EXPECT_EQ(pending_.set(), SignalSet::of(Signal::Sigcont));
}

/// Against a model: a queue for each number.
TEST_F(PendingSignalsTest, AreWhatQueuesWouldBe)
{
    std::map<unsigned, std::deque<SignalInfo>> model;
    std::mt19937_64 random(1);
    unsigned queued = 0;
    for (unsigned step = 0; step < 50'000; ++step) {
        const auto number = static_cast<unsigned>(1 + random() % 64);
        const Signal signal{static_cast<std::uint8_t>(number)};
        std::deque<SignalInfo>& queue = model[number];
        const bool real_time = number >= uapi::kFirstRealTimeSignal;
        switch (random() % 8) {
        case 0:
            pending_.discard(SignalSet::of(signal));
            queued -= static_cast<unsigned>(std::erase_if(queue, [](const SignalInfo& one) { return one.code != 0; }));
            queue.clear();
            break;
        case 1:
        case 2:
        case 3:
            if (!queue.empty()) {
                ASSERT_EQ(pending_.take(signal), queue.front());
                queued -= queue.front().code != 0 ? 1 : 0;
                queue.pop_front();
            }
            break;
        default: {
            const bool kept = queued < PendingSignals::kMaximumQueued;
            ASSERT_EQ(pending_.add(info(signal, step)), kept || !real_time);
            if (real_time ? kept : queue.empty()) {
                queue.push_back(kept ? info(signal, step) : SignalInfo{.number = signal});
                queued += kept ? 1 : 0;
            }
        }
        }
        ASSERT_EQ(pending_.set().has(signal), !queue.empty());
    }
}

} // namespace
