// SPDX-License-Identifier: MIT
// Fast mode runs blocks, step mode instructions.  A busy guest runs in both, long enough for its blocks to be counted
// as blocks, and everything is compared.
#include "support/busy_guest.h"
#include "support/mode_pair.h"

#include <gtest/gtest.h>

namespace {

using namespace ringcheck;
using support::MachineGuest;
using Pair = support::ModePair;

TEST(MachineMode, ABusyGuestUnderATimerRunsTheSame)
{
    for (const unsigned pit_count : {2u, 3u, 7u, 50u, 255u}) {
        SCOPED_TRACE("PIT count " + std::to_string(pit_count));
        Pair pair([&](MachineGuest& guest) { return support::busy_guest(guest, pit_count); });
        pair.run_to(60'000);
        pair.expect_same_logs();
        EXPECT_GT(pair.step.log.transitions.size(), 3000u);
    }
}

TEST(MachineMode, EachInstructionIsAPlaceToStop)
{
    Pair pair([](MachineGuest& guest) { return support::busy_guest(guest, 20); });
    pair.run_to(20'000);
    for (std::uint64_t count = 20'001; count < 20'400; ++count) {
        pair.run_to(count);
        if (HasFailure()) {
            FAIL() << "at instruction " << count;
        }
    }
    // Far enough apart for blocks to be counted as blocks in between.
    for (std::uint64_t count = 21'000; count < 120'000; count += 997) {
        pair.run_to(count);
    }
    pair.expect_same_logs();
}

TEST(MachineMode, WatchedAddressesAreToldTheSame)
{
    Pair pair([](MachineGuest& guest) { return support::busy_guest(guest, 9); });
    pair.run_to(10'000);
    for (std::uint64_t offset = 0; offset < 40; ++offset) {
        for (MachineGuest* guest : {&pair.fast, &pair.step}) {
            guest->machine->watch_address(arch::VirtAddr{MachineGuest::kUserText + offset});
        }
        pair.run_to(10'000 + (offset + 1) * 500);
    }
    for (MachineGuest* guest : {&pair.fast, &pair.step}) {
        guest->machine->stop_at(arch::VirtAddr{MachineGuest::handler(support::kTimerVector) + 3});
    }
    for (unsigned stops = 0; stops < 20; ++stops) {
        pair.run_to(1'000'000);
        EXPECT_EQ(pair.fast.machine->state().rip, MachineGuest::handler(support::kTimerVector) + 3);
    }
    pair.fast.machine->clear_stops();
    pair.step.machine->clear_stops();
    pair.run_to(pair.step.machine->instruction_count() + 20'000);
    pair.expect_same_logs();
    EXPECT_GT(pair.step.log.addresses.size(), 1000u);
}

GUEST_CODE(single_steps, R"(
    mov   $200, %ebp
1:  inc   %rbx
    rep   stosb
    mov   $2, %ecx
    dec   %ebp
    jnz   1b
    ud2
)");
GUEST_CODE(just_iretq, "iretq");

TEST(MachineMode, SingleStepsTrapAtTheSameCounts)
{
    Pair pair([](MachineGuest& guest) {
        guest.place(MachineGuest::kUserText, single_steps);
        guest.place(MachineGuest::handler(1), just_iretq);
        model::CpuState state = guest.ring_3();
        state.rflags |= arch::rflags::kTrap;
        state[model::Gpr::Rdi] = 0x22000;
        return state;
    });
    pair.run_to(1'000'000);
    pair.expect_same_logs();
    EXPECT_GT(pair.step.log.transitions.size(), 2000u);
}

GUEST_CODE(shadows, R"(
    mov   $300, %ebp
    mov   %ss, %eax
1:  sti
    mov   $0x38000, %edi
    cli
    mov   %eax, %ss
    inc   %rbx
    inc   %rcx
    dec   %ebp
    jnz   1b
    hlt
)");

TEST(MachineMode, InterruptShadowsAreTheSame)
{
    Pair pair([](MachineGuest& guest) {
        guest.place(MachineGuest::kKernelText, shadows);
        return guest.ring_0();
    });
    for (std::uint64_t count = 100; count < 2600; count += 1 + count % 7) {
        pair.run_to(count);
    }
    pair.run_to(100'000);
    pair.expect_same_logs();
}

} // namespace
