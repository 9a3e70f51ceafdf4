// SPDX-License-Identifier: MIT
// Going back leads to the very states that the run passed, and on from there to the same ones, in both modes.
#include "machine/checkpoints.h"
#include "support/busy_guest.h"
#include "support/cpu_state_matchers.h"

#include <gtest/gtest.h>

namespace {

using namespace ringcheck;
using support::MachineGuest;

constexpr std::uint64_t kRam = 8u << 20;

MachineGuest busy(ExecutionMode mode)
{
    MachineGuest guest({.ram_bytes = kRam, .mode = mode});
    guest.load(support::busy_guest(guest, 50));
    return guest;
}

void expect_same(MachineGuest& left, MachineGuest& right)
{
    EXPECT_EQ(left.machine->instruction_count(), right.machine->instruction_count());
    EXPECT_EQ(left.machine->now(), right.machine->now());
    EXPECT_TRUE(same_state(left.machine->state(), right.machine->state()));
    const arch::PhysAddr start{0};
    EXPECT_EQ(std::memcmp(left.machine->memory().at(start, kRam), right.machine->memory().at(start, kRam), kRam), 0);
}

TEST(Checkpoints, LeadBackToEachStateOfARunAndOnFromThere)
{
    constexpr std::uint64_t kSpacing = 500, kEnd = 20'000; // some go, the others are further apart
    for (const ExecutionMode mode : {ExecutionMode::Fast, ExecutionMode::Step}) {
        MachineGuest guest = busy(mode);
        Checkpoints checkpoints(*guest.machine, kSpacing);
        const auto end = checkpoints.run({.instructions = kEnd});
        ASSERT_TRUE(end);
        EXPECT_EQ(end->kind, EndKind::InstructionLimit);
        for (const std::uint64_t count : {19'999u, 19'998u, 15'501u, 15'500u, 15'499u, 7'777u, 500u, 499u, 1u, 0u}) {
            SCOPED_TRACE(count);
            ASSERT_TRUE(checkpoints.go_back_to(count));
            MachineGuest reference = busy(mode);
            reference.machine->run({.instructions = count});
            expect_same(guest, reference);
        }
        MachineGuest reference = busy(mode);
        reference.machine->run({.instructions = kEnd});
        ASSERT_TRUE(checkpoints.run({.instructions = kEnd}));
        expect_same(guest, reference);
    }
}

TEST(Checkpoints, GoBackPastAddressesAtWhichARunStops)
{
    MachineGuest guest = busy(ExecutionMode::Fast);
    Checkpoints checkpoints(*guest.machine, 5'000);
    ASSERT_TRUE(checkpoints.run({.instructions = 10'000}));
    guest.machine->stop_at(arch::VirtAddr{MachineGuest::kSyscallText});
    ASSERT_TRUE(checkpoints.go_back_to(9'000));
    EXPECT_EQ(guest.machine->instruction_count(), 9'000u);
    EXPECT_EQ(checkpoints.run({.instructions = 10'000})->kind, EndKind::WatchedAddress);
}

TEST(Checkpoints, RefuseWhatTheyDoNotKnow)
{
    MachineGuest guest = busy(ExecutionMode::Fast);
    guest.machine->run({.instructions = 100});
    Checkpoints checkpoints(*guest.machine);
    EXPECT_FALSE(checkpoints.go_back_to(50)); // nothing was run yet
    ASSERT_TRUE(checkpoints.run({.instructions = 200}));
    EXPECT_EQ(checkpoints.go_back_to(99).error(), "nothing is known of the machine after 99 instructions");
    EXPECT_EQ(checkpoints.go_back_to(201).error(), "nothing is known of the machine after 201 instructions");
    EXPECT_EQ(guest.machine->instruction_count(), 200u);
    EXPECT_TRUE(checkpoints.go_back_to(100));
}

} // namespace
