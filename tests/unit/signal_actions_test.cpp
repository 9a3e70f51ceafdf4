// SPDX-License-Identifier: MIT
// What a Vessel has asked for, signal by signal: at first, for a child, for a new program; and the frame that it takes.
// [sigaction(2); execve(2) "Effect on process attributes"; signal(7) "Standard signals"]
#include "process/signal_actions.h"
#include "unit/fake_kernel.h"

#include <gtest/gtest.h>

namespace {

using kernel::SignalActions;
using kernel::SignalSet;
using uapi::Signal;
using uapi::SignalAction;
namespace handler = uapi::signal_handler;

constexpr SignalAction kHandled{.handler = 0x40'1000, .flags = uapi::signal_flag::kRestart, .restorer = 3, .mask = 4};
constexpr SignalAction kIgnored{
    .handler = handler::kIgnore, .flags = uapi::signal_flag::kInfo, .restorer = 5, .mask = 6};

bool same(const SignalAction& a, const SignalAction& b)
{
    return a.handler == b.handler && a.flags == b.flags && a.restorer == b.restorer && a.mask == b.mask;
}

template <typename Check> void for_each_signal(Check check)
{
    for (std::uint64_t number = 1; number <= uapi::kLastSignal; ++number) {
        SCOPED_TRACE(number);
        check(Signal{static_cast<std::uint8_t>(number)});
    }
}

class SignalActionsTest : public ::testing::Test {
protected:
    SignalActionsTest() : free_(frames_->free_frames()) {}
    ~SignalActionsTest() override
    {
        actions_.destroy(*frames_);
        actions_.destroy(*frames_); // once is enough
        EXPECT_EQ(frames_->free_frames(), free_);
    }

    fake::Frames frames_{8};
    std::uint64_t free_;
    SignalActions actions_;
};

TEST_F(SignalActionsTest, AreByDefaultAtFirstAndTakeNoMemory)
{
    for_each_signal([this](Signal signal) {
        EXPECT_TRUE(same(actions_.get(signal), SignalAction{}));
        EXPECT_FALSE(actions_.has_handler(signal));
    });
    actions_.reset(Signal::Sigint);
    actions_.forget_handlers();
    SignalActions child;
    EXPECT_TRUE(actions_.copy_to(*frames_, child));
    EXPECT_EQ(frames_->free_frames(), free_);
}

TEST_F(SignalActionsTest, IgnoreByDefaultWhatDoesNothingByDefault)
{
    constexpr SignalSet kNothing = SignalSet::of(Signal::Sigchld, Signal::Sigurg, Signal::Sigwinch, Signal::Sigcont);
    const auto check = [&](Signal signal) { EXPECT_EQ(actions_.ignores(signal), kNothing.has(signal)); };
    for_each_signal(check);
    ASSERT_TRUE(actions_.set(*frames_, Signal::Sigint, SignalAction{})); // now with a table
    for_each_signal(check);
}

TEST_F(SignalActionsTest, AreEachItsOwn)
{
    const auto action_of = [](Signal signal) {
        return SignalAction{
            .handler = 0x1000 + static_cast<std::uint64_t>(signal), .flags = 1, .restorer = 2, .mask = 3};
    };
    for_each_signal([&](Signal signal) { ASSERT_TRUE(actions_.set(*frames_, signal, action_of(signal))); });
    for_each_signal([&](Signal signal) {
        EXPECT_TRUE(same(actions_.get(signal), action_of(signal)));
        EXPECT_TRUE(actions_.has_handler(signal));
        EXPECT_FALSE(actions_.ignores(signal));
    });
    EXPECT_EQ(frames_->free_frames(), free_ - 1);
    actions_.reset(Signal::Sigusr1);
    for_each_signal([&](Signal signal) {
        EXPECT_TRUE(same(actions_.get(signal), signal == Signal::Sigusr1 ? SignalAction{} : action_of(signal)));
    });
}

TEST_F(SignalActionsTest, KeepForANewProgramOnlyWhatIsIgnored)
{
    ASSERT_TRUE(actions_.set(*frames_, Signal::Sigint, kHandled));
    ASSERT_TRUE(actions_.set(*frames_, Signal::Sigquit, kIgnored));
    ASSERT_TRUE(actions_.set(*frames_, Signal{uapi::kLastSignal}, kHandled));
    actions_.forget_handlers();
    for_each_signal([this](Signal signal) {
        const SignalAction expected{.handler = signal == Signal::Sigquit ? handler::kIgnore : handler::kDefault,
                                    .flags = 0,
                                    .restorer = 0,
                                    .mask = 0};
        EXPECT_TRUE(same(actions_.get(signal), expected));
    });
    EXPECT_TRUE(actions_.ignores(Signal::Sigquit));
}

TEST_F(SignalActionsTest, AreAChildsOwnOnceItIsMade)
{
    ASSERT_TRUE(actions_.set(*frames_, Signal::Sigint, kHandled));
    SignalActions child;
    ASSERT_TRUE(actions_.copy_to(*frames_, child));
    EXPECT_TRUE(same(child.get(Signal::Sigint), kHandled));
    ASSERT_TRUE(child.set(*frames_, Signal::Sigint, kIgnored));
    ASSERT_TRUE(actions_.set(*frames_, Signal::Sigterm, kIgnored));
    EXPECT_TRUE(same(actions_.get(Signal::Sigint), kHandled));
    EXPECT_TRUE(same(child.get(Signal::Sigterm), SignalAction{}));
    child.destroy(*frames_);
    EXPECT_TRUE(same(actions_.get(Signal::Sigint), kHandled));
}

TEST_F(SignalActionsTest, ChangeNothingWithoutAFrame)
{
    std::vector<arch::PhysAddr> taken;
    while (const auto frame = frames_->allocate()) {
        taken.push_back(*frame);
    }
    const auto refused = actions_.set(*frames_, Signal::Sigint, kHandled);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error(), uapi::Error::Enomem);
    EXPECT_TRUE(same(actions_.get(Signal::Sigint), SignalAction{}));
    frames_->free(taken.back());
    taken.pop_back();
    ASSERT_TRUE(actions_.set(*frames_, Signal::Sigint, kHandled));
    SignalActions child;
    EXPECT_FALSE(actions_.copy_to(*frames_, child));
    EXPECT_TRUE(same(child.get(Signal::Sigint), SignalAction{}));
    for (const arch::PhysAddr frame : taken) {
        frames_->free(frame);
    }
}

} // namespace
