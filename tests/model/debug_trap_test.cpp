// SPDX-License-Identifier: MIT
// When #DB traps come: single steps, breakpoints, and the one that MOV SS carries into the next instruction's handler.
// [SDM 3B "Single-Step Exception Condition"; SDM 3A "Masking Exceptions and Interrupts When Switching Stacks"]
#include "model/debug_trap.h"
#include "model/segment_load.h"
#include "model/syscall.h"
#include "support/cpu_state_matchers.h"
#include "support/model_guest.h"

namespace ringcheck::model {
namespace {

using Guest = ModelGuest;

constexpr std::uint64_t kTf = 1 << 8, kStep = 1 << 14;

/// `after` as the next instruction finds it.
CpuState retired(const CpuState& before, CpuState after, StepRule rule, std::uint64_t breakpoints = 0)
{
    after.pending_debug = pending_traps(before, after, rule, breakpoints);
    return after;
}

class DebugTrapTiming : public testing::Test {
protected:
    Guest guest;
    CpuState before = guest.ring_3();
};

TEST_F(DebugTrapTiming, StepsByTheFlagThatCounts)
{
    for (unsigned flags = 0; flags != 4; ++flags) {
        const bool set_before = (flags & 1) != 0, set_after = (flags & 2) != 0;
        before.rflags = 2 | (set_before ? kTf : 0);
        CpuState after = before;
        after.rflags = 2 | (set_after ? kTf : 0);
        EXPECT_EQ(pending_traps(before, after, StepRule::FlagBefore), set_before ? kStep : 0);
        EXPECT_EQ(pending_traps(before, after, StepRule::FlagAfter), set_after ? kStep : 0);
    }
}

TEST_F(DebugTrapTiming, KeepsStepsOutOfTheKernelByFmask)
{
    before.rflags |= kTf;
    const auto inside = syscall(before, Vendor::Intel);
    ASSERT_TRUE(inside);
    EXPECT_FALSE(debug_trap_due(retired(before, *inside, StepRule::FlagAfter)));
    before.fmask = 0;
    const auto stepped = syscall(before, Vendor::Intel);
    ASSERT_TRUE(stepped);
    EXPECT_TRUE(debug_trap_due(retired(before, *stepped, StepRule::FlagAfter)));
}

TEST_F(DebugTrapTiming, ChangesNothingButWhatIsPending)
{
    CpuState expected = before;
    expected.pending_debug = 5;
    EXPECT_TRUE(same_state(retired(before, before, StepRule::FlagBefore, 5), expected));
    EXPECT_TRUE(same_state(retired(before, before, StepRule::FlagBefore), before));
}

TEST_F(DebugTrapTiming, DropsTheStepOverMovSsAndHoldsItsBreakpoint)
{
    before.rflags |= kTf;
    auto moved = mov_to_segment(before, guest.memory(), SegmentName::Ss, Guest::kUserData, Vendor::Intel);
    ASSERT_TRUE(moved);
    const CpuState held = retired(before, *moved, StepRule::FlagBefore, 1);
    EXPECT_EQ(held.pending_debug, 1u);
    EXPECT_FALSE(debug_trap_due(held));
    CpuState next = held;
    next.interrupt_shadow = next.mov_ss_shadow = false;
    const CpuState stepped = retired(held, next, StepRule::FlagBefore, 8);
    EXPECT_EQ(stepped.pending_debug, 1 | 8 | kStep);
    EXPECT_TRUE(debug_trap_due(stepped));
}

TEST_F(DebugTrapTiming, CarriesAHeldBreakpointIntoTheHandlerOfAnInt3)
{
    before.pending_debug = 1;
    before.interrupt_shadow = before.mov_ss_shadow = true;
    guest.set_gate(3, Guest::interrupt_gate(3, 0, arch::Ring::User));
    Event int3{Event::Origin::Software, 3, std::nullopt, std::nullopt, before.rip + 1, before.rip, false};
    const Delivery entered = deliver(before, guest.memory(), int3);
    ASSERT_TRUE(entered.state);
    EXPECT_EQ(entered.state->cpl, 0);
    ASSERT_TRUE(debug_trap_due(*entered.state));

    const DebugTrap trap = take_debug_trap(*entered.state);
    EXPECT_EQ(trap.event.return_rip, Guest::kHandlers + 3 * 16) << "the handler's first instruction, in ring 0";
    const Delivery second = deliver(trap.state, guest.memory(), trap.event);
    ASSERT_TRUE(second.state);
    EXPECT_EQ(second.state->rip, Guest::kHandlers + 16);
    EXPECT_EQ(guest.word((*second.state)[Gpr::Rsp] + 8), Guest::kKernelCode);
    EXPECT_EQ(second.state->dr6, 0xffff'0ff1u);
    EXPECT_FALSE(debug_trap_due(*second.state));
}

TEST_F(DebugTrapTiming, TakesAllThatIsPendingAtOnce)
{
    before.pending_debug = kStep | 6;
    CpuState expected = before;
    expected.pending_debug = 0;
    const DebugTrap trap = take_debug_trap(before);
    EXPECT_TRUE(same_state(trap.state, expected));
    EXPECT_EQ(trap.event, (Event{Event::Origin::Exception, 1, std::nullopt, std::nullopt, before.rip, before.rip, false,
                                 kStep | 6}));
}

TEST_F(DebugTrapTiming, TellsOfABreakpointOnTheNextInstruction)
{
    before.pending_debug = kStep;
    before.dr7 = 1 << 2; // L1, on execution
    before.dr1 = before.rip;
    EXPECT_EQ(take_debug_trap(before).event.dr6, kStep | 2);
    before.dr1 = before.rip + 1;
    EXPECT_EQ(take_debug_trap(before).event.dr6, kStep);
}

TEST_F(DebugTrapTiming, ReportsItsOwnBreakpointsInDr6AndKeepsTheRest)
{
    Event event = take_debug_trap(before).event;
    before.dr6 = 0xffff'0ff0 | 0xf | kStep;
    event.dr6 = 1 << 13 | 2;
    const Delivery delivery = deliver(before, guest.memory(), event);
    ASSERT_TRUE(delivery.state);
    EXPECT_EQ(hex(delivery.state->dr6), hex(0xffff'0ff0 | kStep | 1 << 13 | 2));
    event.dr6.reset(); // INT1
    ASSERT_TRUE(deliver(before, guest.memory(), event).state);
    EXPECT_EQ(deliver(before, guest.memory(), event).state->dr6, before.dr6);
}

TEST_F(DebugTrapTiming, TakesTheCauseOfAFaultAlong)
{
    Fault fault = exception(1, Reason::DrGeneralDetect);
    fault.dr6 = 1 << 13;
    const Event event = to_event(fault, 0x1234);
    EXPECT_EQ(event.dr6, fault.dr6);
    EXPECT_EQ(event.return_rip, 0x1234u);
}

} // namespace
} // namespace ringcheck::model
