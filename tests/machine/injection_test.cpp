// SPDX-License-Identifier: MIT
// Events injected at an exact instruction count: taken there, or as soon as what holds them back is gone, and the same
// in both modes.  [SDM 3A "Priority Among Concurrent Events", "Handling Multiple NMIs"]
#include "support/busy_guest.h"
#include "support/mode_pair.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>

namespace {

using namespace ringcheck;
using support::MachineGuest;
using support::ModePair;
using Kind = Injection::Kind;

constexpr std::uint8_t kVector = 0x55;
constexpr std::uint8_t kNmi = 2, kMachineCheck = 18;

GUEST_CODE(return_at_once, "iretq");

struct Case {
    Injection injection;
    TransitionKind told;
    std::uint8_t vector;
};
constexpr Case kCases[] = {
    {{Kind::Nmi}, TransitionKind::Nmi, kNmi},
    {{Kind::MachineCheck}, TransitionKind::Exception, kMachineCheck},
    {{Kind::Interrupt, kVector}, TransitionKind::Interrupt, kVector},
};

TEST(Injection, ComesAtEachCountOfARunTheSameInBothModes)
{
    constexpr std::uint64_t kStart = 20'000, kCounts = 300, kAfter = 120;
    ModePair pair([](MachineGuest& guest) {
        model::CpuState state = support::busy_guest(guest, 50);
        for (const std::uint8_t vector : {kVector, kNmi, kMachineCheck}) {
            guest.place(MachineGuest::handler(vector), return_at_once);
            guest.set_gate(vector, 1); // right behind SYSCALL there is no other stack
        }
        state.cr4 |= arch::cr4::kMachineCheckEnable;
        return state;
    });
    pair.run_to(kStart);
    const auto fast = pair.fast.machine->snapshot(), step = pair.step.machine->snapshot();
    ASSERT_TRUE(fast && step);
    for (const Case& each : kCases) {
        for (std::uint64_t count = kStart; count < kStart + kCounts; ++count) {
            SCOPED_TRACE(std::string(to_string(each.told)) + " at " + std::to_string(count));
            ASSERT_TRUE(pair.fast.machine->restore(*fast) && pair.step.machine->restore(*step));
            pair.both([&](MachineGuest& guest) {
                guest.log = {};
                guest.machine->inject_at(count, each.injection);
            });
            pair.run_to(count + kAfter);
            pair.expect_same_logs();
            const auto& told = pair.step.log.transitions;
            const auto taken =
                std::ranges::find_if(told, [&](const Transition& one) { return one.vector == each.vector; });
            ASSERT_NE(taken, told.end());
            ASSERT_EQ(taken->kind, each.told);
            if (each.injection.kind != Kind::Interrupt) {
                ASSERT_EQ(taken->count, count); // nothing holds it back
            }
            if (HasFailure()) {
                return;
            }
        }
    }
}

GUEST_CODE(swap_and_go_on, R"(
    swapgs
    swapgs
    nop
    nop
    nop
    hlt
)");

/// Asks for an NMI three instructions after the first transition.
class AsksInTheMiddle final : public Observer {
public:
    explicit AsksInTheMiddle(Machine& machine) : machine_(machine) {}
    void on_transition(const Transition& transition) override
    {
        if (transition.kind == TransitionKind::Nmi) {
            taken = transition.count;
        } else if (transition.count == 0) {
            machine_.inject_at(3, {Kind::Nmi});
        }
    }
    std::optional<std::uint64_t> taken;

private:
    Machine& machine_;
};

TEST(Injection, ComesAlsoWhenItIsAskedForInTheMiddleOfARun)
{
    for (const ExecutionMode mode : {ExecutionMode::Fast, ExecutionMode::Step}) {
        MachineGuest guest({.ram_bytes = 8u << 20, .mode = mode});
        AsksInTheMiddle observer(*guest.machine);
        guest.machine->set_observer(&observer);
        guest.place(MachineGuest::kKernelText, swap_and_go_on);
        guest.place(MachineGuest::handler(kNmi), return_at_once);
        EXPECT_EQ(guest.run(guest.ring_0()).kind, EndKind::Halted);
        EXPECT_EQ(observer.taken, 3u);
    }
}

GUEST_CODE(enable_interrupts, R"(
    nop
    sti
    inc   %rbx
    inc   %rbx
    hlt
)");

TEST(Injection, AnInterruptWaitsForTheInstructionBehindSti)
{
    ModePair pair([](MachineGuest& guest) {
        guest.place(MachineGuest::kKernelText, enable_interrupts);
        guest.machine->inject_at(0, {Kind::Interrupt, kVector});
        model::CpuState state = guest.ring_0();
        state[model::Gpr::Rbx] = 0;
        return state;
    });
    pair.run_to(1000);
    pair.expect_same_logs();
    ASSERT_EQ(pair.step.log.transitions.size(), 1u);
    EXPECT_EQ(pair.step.log.transitions[0].count, 3u);
    EXPECT_EQ(pair.step.log.transitions[0].before[model::Gpr::Rbx], 1u);
}

GUEST_CODE(long_nmi_handler, R"(
    nop
    nop
    nop
    iretq
)");
GUEST_CODE(ten_nops, R"(
    nop; nop; nop; nop; nop; nop; nop; nop; nop; nop
    hlt
)");

TEST(Injection, ASecondNmiWaitsForTheHandlersIret)
{
    ModePair pair([](MachineGuest& guest) {
        guest.place(MachineGuest::kKernelText, ten_nops);
        guest.place(MachineGuest::handler(kNmi), long_nmi_handler);
        guest.machine->inject_at(2, {Kind::Nmi});
        guest.machine->inject_at(3, {Kind::Nmi});
        return guest.ring_0();
    });
    pair.run_to(1000);
    pair.expect_same_logs();
    const auto& told = pair.step.log.transitions;
    ASSERT_EQ(told.size(), 4u);
    EXPECT_EQ(told[0].count, 2u);
    EXPECT_EQ(told[1].kind, TransitionKind::Iret);
    EXPECT_EQ(told[2].kind, TransitionKind::Nmi);
    EXPECT_EQ(told[2].count, 6u);
    EXPECT_EQ(told[2].before.rip, told[0].before.rip);
}

TEST(Injection, AnNmiWakesACpuThatHasHaltedWithInterruptsOff)
{
    MachineGuest guest;
    guest.place(MachineGuest::kKernelText, ten_nops);
    guest.place(MachineGuest::handler(kNmi), return_at_once);
    ASSERT_EQ(guest.run(guest.ring_0()).kind, EndKind::Halted);
    EXPECT_EQ(guest.machine->run().kind, EndKind::Halted); // it stays there
    EXPECT_EQ(guest.machine->instruction_count(), 11u);
    guest.machine->inject_at(0, {Kind::Nmi});
    EXPECT_EQ(guest.machine->run({.instructions = 12}).kind, EndKind::InstructionLimit);
    ASSERT_EQ(guest.log.kinds(), (std::vector{TransitionKind::Nmi, TransitionKind::Iret}));
    EXPECT_EQ(guest.log.transitions[0].before.rip, MachineGuest::kKernelText + 11);
}

TEST(Injection, AMachineCheckWithoutMceShutsTheCpuDownUntilAnNmi)
{
    MachineGuest guest;
    guest.place(MachineGuest::kKernelText, ten_nops);
    guest.machine->inject_at(4, {Kind::MachineCheck});
    const RunEnd end = guest.run(guest.ring_0());
    EXPECT_EQ(end.kind, EndKind::Shutdown);
    EXPECT_EQ(end.text, "shutdown at 0x30004: a machine check with CR4.MCE = 0");
    EXPECT_EQ(guest.machine->run().kind, EndKind::Shutdown);
    guest.machine->inject_at(0, {Kind::Nmi});
    EXPECT_EQ(guest.machine->run().kind, EndKind::Halted);
    EXPECT_EQ(guest.log.kinds(), std::vector{TransitionKind::Nmi});
}

TEST(Injection, ATripleFaultShutsTheCpuDown)
{
    MachineGuest guest;
    model::CpuState state = guest.ring_0();
    state.idtr.limit = 0;
    state.rip = MachineGuest::kUnmapped;
    EXPECT_EQ(guest.run(state).kind, EndKind::Shutdown);
    EXPECT_EQ(guest.machine->run().text, "the CPU is shut down at 0x3c000");
}

TEST(Injection, InitEndsTheRunAndAStartUpCommandIsLost)
{
    MachineGuest guest;
    guest.place(MachineGuest::kKernelText, ten_nops);
    guest.machine->inject_at(3, {Kind::Startup});
    guest.machine->inject_at(5, {Kind::Init});
    EXPECT_EQ(guest.run(guest.ring_0()).kind, EndKind::Reset);
    EXPECT_EQ(guest.machine->instruction_count(), 5u);
}

} // namespace
