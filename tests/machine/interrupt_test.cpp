// SPDX-License-Identifier: MIT
// External interrupts arrive at an exact instruction, never in a shadow, and wake HLT.
#include "arch/pic8259.h"
#include "arch/pit8254.h"
#include "machine/clock.h"
#include "support/machine_guest.h"
#include "support/timer_code.h"

#include <gtest/gtest.h>

namespace {

using namespace ringcheck;
using model::Gpr;
using support::kTimerVector;
using support::MachineGuest;
using Kind = TransitionKind;

/// PIC at vectors 0x20 and 0x28 with only the timer open; PIT as a rate generator with a count of 10.
#define START_TIMER                                                                                                    \
    R"(
    mov   $0x11, %al
    out   %al, $0x20
    out   %al, $0xa0
    mov   $0x20, %al
    out   %al, $0x21
    mov   $0x28, %al
    out   %al, $0xa1
    mov   $4, %al
    out   %al, $0x21
    mov   $2, %al
    out   %al, $0xa1
    mov   $1, %al
    out   %al, $0x21
    out   %al, $0xa1
    mov   $0xfe, %al
    out   %al, $0x21
    mov   $0xff, %al
    out   %al, $0xa1
    mov   $0x34, %al
    out   %al, $0x43
    mov   $10, %al
    out   %al, $0x40
    xor   %eax, %eax
    out   %al, $0x40
)"
constexpr std::uint64_t kStarted = 24; ///< instructions of START_TIMER: the last one loads the count
constexpr std::uint64_t kPitCount = 10;

/// Nanoseconds at which counter 0 rises for the `n`th time (from 1): the count is loaded one tick after it is written.
constexpr std::uint64_t rise(std::uint64_t n)
{
    const std::uint64_t written = (kStarted - 1) * arch::pit8254::kClockHz / Clock::kHz;
    const std::uint64_t tick = written + 1 + n * kPitCount;
    return (tick * Clock::kHz + arch::pit8254::kClockHz - 1) / arch::pit8254::kClockHz;
}

GUEST_CODE(timer_then_ring_3, START_TIMER R"(
    push  $0x1b
    push  $0x21ff0
    push  $0x202
    push  $0x23
    push  $0x20000
    iretq
)");
GUEST_CODE(count_for_ever, R"(
1:  inc   %rbx
    jmp   1b
)");

TEST(MachineInterrupt, TheTimerInterruptsRing3AtTheExactInstruction)
{
    MachineGuest guest;
    guest.place(MachineGuest::kKernelText, timer_then_ring_3);
    guest.place(MachineGuest::kUserText, count_for_ever);
    support::place_timer_handler(guest);
    guest.run(guest.ring_0(), rise(3));

    std::vector<std::uint64_t> counts;
    for (const Transition& transition : guest.log.transitions) {
        if (transition.kind == Kind::Interrupt) {
            EXPECT_EQ(transition.vector, kTimerVector);
            EXPECT_EQ(transition.before.cpl, 3);
            EXPECT_EQ(transition.after.rip, MachineGuest::handler(kTimerVector));
            EXPECT_EQ(transition.after.rflags & arch::rflags::kInterrupt, 0u);
            counts.push_back(transition.count);
        }
    }
    EXPECT_EQ(counts, (std::vector{rise(1), rise(2)}));
}

GUEST_CODE(open_and_halt, START_TIMER R"(
    sti
    hlt
    nop
    cli
    hlt
)");

TEST(MachineInterrupt, HltWaitsForTheTimerWithoutRetiringAnything)
{
    MachineGuest guest;
    guest.place(MachineGuest::kKernelText, open_and_halt);
    support::place_timer_handler(guest);
    const RunEnd end = guest.run(guest.ring_0());
    EXPECT_EQ(end.kind, EndKind::Halted) << end.text;
    ASSERT_EQ(guest.log.kinds(), (std::vector{Kind::Interrupt, Kind::Iret}));
    const Transition& interrupt = guest.log.transitions[0];
    EXPECT_EQ(interrupt.count, kStarted + 2);
    EXPECT_EQ(interrupt.before.rip, MachineGuest::kKernelText + open_and_halt.bytes().size() - 3) << "behind HLT";
    EXPECT_EQ(guest.machine->now() - guest.machine->instruction_count(), rise(1) - (kStarted + 2));
}

GUEST_CODE(wait_closed_then_open, START_TIMER R"(
    mov   $200000, %ecx
1:  dec   %ecx
    jnz   1b
    sti
    nop
    nop
    cli
    hlt
)");

TEST(MachineInterrupt, StiHoldsAnInterruptBackForOneInstruction)
{
    MachineGuest guest;
    guest.place(MachineGuest::kKernelText, wait_closed_then_open);
    support::place_timer_handler(guest);
    guest.run(guest.ring_0());
    ASSERT_EQ(guest.log.kinds(), (std::vector{Kind::Interrupt, Kind::Iret})) << "ticks while closed are one request";
    EXPECT_EQ(guest.log.transitions[0].before.rip, MachineGuest::kKernelText + wait_closed_then_open.bytes().size() - 3)
        << "behind the first NOP";
}

GUEST_CODE(popf_opens, START_TIMER R"(
    mov   $200000, %ecx
1:  dec   %ecx
    jnz   1b
    push  $0x202
    popf
    nop
    cli
    hlt
)");

TEST(MachineInterrupt, PopfLetsAPendingInterruptInAtOnce)
{
    MachineGuest guest;
    guest.place(MachineGuest::kKernelText, popf_opens);
    support::place_timer_handler(guest);
    guest.run(guest.ring_0());
    ASSERT_FALSE(guest.log.transitions.empty());
    EXPECT_EQ(guest.log.transitions[0].before.rip, MachineGuest::kKernelText + popf_opens.bytes().size() - 3);
}

GUEST_CODE(store_for_long, START_TIMER R"(
    sti
    mov   $0x38000, %edi
    mov   $0x3000, %ecx
    rep stosb
    hlt
)");

TEST(MachineInterrupt, AnInterruptBetweenTwoIterationsReturnsWithRf)
{
    MachineGuest guest;
    guest.place(MachineGuest::kKernelText, store_for_long);
    guest.run(guest.ring_0(), rise(1) + 1);
    ASSERT_EQ(guest.log.kinds(), std::vector{Kind::Interrupt});
    const Transition& interrupt = guest.log.transitions[0];
    EXPECT_EQ(interrupt.before.rip, MachineGuest::kKernelText + store_for_long.bytes().size() - 3);
    constexpr std::uint64_t kPushedFlags = 2 * 8;
    EXPECT_NE(guest.word(interrupt.after[Gpr::Rsp] + kPushedFlags) & arch::rflags::kResume, 0u);
}

GUEST_CODE(sleep_for_ever, START_TIMER R"(
1:  sti
    hlt
    jmp   1b
)");

TEST(MachineInterrupt, AGuestThatOnlyIdlesComesToAnEnd)
{
    MachineGuest guest;
    guest.place(MachineGuest::kKernelText, sleep_for_ever);
    support::place_timer_handler(guest);
    guest.load(guest.ring_0());
    const RunEnd end = guest.machine->run({.instructions = 10'000'000, .idle_nanoseconds = Clock::kHz / 10});
    EXPECT_EQ(end.kind, EndKind::Halted);
    EXPECT_NE(end.text.find("idle"), std::string::npos) << end.text;
    EXPECT_GT(guest.log.transitions.size(), 1000u);
}

} // namespace
