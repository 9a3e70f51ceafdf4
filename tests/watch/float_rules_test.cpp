// SPDX-License-Identifier: MIT
// Property: the x87 and SSE registers of a thread are its own from one visit to ring 3 to the next.
#include "support/crossing.h"

#include <gmock/gmock.h>

namespace {

using namespace ringcheck;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class FloatRules : public support::CrossingTest {
protected:
    FloatRules() { checker.on_process_started(0, processes.started(1, hello(), kTable), kernel_state()); }
    std::vector<std::string> broken() const
    {
        std::vector<std::string> ids;
        for (const Violation& violation : checker.report().violations()) {
            ids.emplace_back(violation.rule->id);
        }
        return ids;
    }
    void visit_kernel() { checker.on_transition(event(TransitionKind::Interrupt, 32, {}, user_state())); }

    model::FloatState floats;
    RuleChecker checker{RuleContext{guest, memory, processes, symbols, nullptr, [this] { return floats; }}};
};

TEST_F(FloatRules, AskForTheInitialStateAtFirst)
{
    floats.xmm[15] = {0, 0x8000};
    checker.on_transition(enter(user_state()));
    ASSERT_THAT(broken(), ElementsAre("user-entry-floats"));
    EXPECT_EQ(checker.report().violations()[0].expected, "xmm15 0x" + std::string(32, '0'));
    EXPECT_THAT(checker.report().violations()[0].actual, HasSubstr("xmm15 0x0000000000008000"));
}

TEST_F(FloatRules, NoticeEachPartThatAThreadDoesNotFindAgain)
{
    using model::FloatState;
    constexpr void (*kSpoil[])(FloatState&) = {
        [](FloatState& state) { state.mxcsr ^= 0x40; },
        [](FloatState& state) { state.control ^= 1; },
        [](FloatState& state) { state.status ^= 0x3800; },
        [](FloatState& state) { state.empty[2] = false; },
        [](FloatState& state) { state.xmm[0][1] = 5; },
        [](FloatState& state) { state.physical[7][9] = std::byte{1}; },
    };
    checker.on_transition(enter(user_state()));
    std::uint64_t seen = 0;
    for (const auto spoil : kSpoil) {
        visit_kernel();
        spoil(floats);
        checker.on_transition(enter(user_state()));
        EXPECT_EQ(checker.report().total(), ++seen);
    }
    EXPECT_THAT(broken(), ElementsAre("user-entry-floats"));
}

TEST_F(FloatRules, LetAKernelLoadThemWhenTheyAreUsed)
{
    checker.on_transition(enter(user_state()));
    visit_kernel();
    floats.xmm[1] = {1, 1};
    model::CpuState later = user_state();
    later.cr0 |= arch::cr0::kTaskSwitched;
    checker.on_transition(enter(later));
    EXPECT_THAT(broken(), IsEmpty());
}

} // namespace
