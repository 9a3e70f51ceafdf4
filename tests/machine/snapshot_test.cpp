// SPDX-License-Identifier: MIT
// A machine that was put back runs as it ran the first time: every transition, register, byte of RAM and of output.
#include "support/cpu_state_matchers.h"
#include "support/machine_guest.h"
#include "support/timer_code.h"

#include <gtest/gtest.h>

namespace {

using namespace ringcheck;
using support::MachineGuest;

constexpr std::uint64_t kRam = 8u << 20;

struct Outcome {
    RunEnd end;
    std::vector<Transition> transitions;
    model::CpuState state;
    std::uint64_t count, now;
    std::string console, debug_console;
    std::vector<std::byte> ram;
};

Outcome run_on(MachineGuest& guest, std::uint64_t to)
{
    guest.log.transitions.clear();
    const RunEnd end = guest.machine->run({.instructions = to});
    const std::byte* const ram = guest.machine->memory().at(arch::PhysAddr{0}, kRam);
    return {end,
            guest.log.transitions,
            guest.machine->state(),
            guest.machine->instruction_count(),
            guest.machine->now(),
            guest.machine->console(),
            guest.machine->debug_console(),
            {ram, ram + kRam}};
}

void expect_same(const Outcome& again, const Outcome& first)
{
    EXPECT_EQ(again.end.kind, first.end.kind);
    EXPECT_EQ(again.end.text, first.end.text);
    EXPECT_EQ(again.count, first.count);
    EXPECT_EQ(again.now, first.now);
    EXPECT_EQ(again.console, first.console);
    EXPECT_EQ(again.debug_console, first.debug_console);
    EXPECT_TRUE(same_state(again.state, first.state));
    EXPECT_TRUE(again.ram == first.ram) << "RAM differs";
    ASSERT_EQ(again.transitions.size(), first.transitions.size());
    for (std::size_t i = 0; i < first.transitions.size(); ++i) {
        SCOPED_TRACE("transition " + std::to_string(i));
        ASSERT_EQ(again.transitions[i].count, first.transitions[i].count);
        ASSERT_EQ(again.transitions[i].kind, first.transitions[i].kind);
        ASSERT_TRUE(same_state(again.transitions[i].before, first.transitions[i].before));
        ASSERT_TRUE(same_state(again.transitions[i].after, first.transitions[i].after));
    }
}

// Uses all that a machine remembers: timer and interrupt controller in the middle of their work, the FPU, random
// numbers, the time, an output; and it rewrites its own code as it goes.
GUEST_CODE(remember_everything, OPEN_TIMER_LINE R"(
    mov   $0x34, %al
    out   %al, $0x43
    mov   $9, %al
    out   %al, $0x40
    xor   %eax, %eax
    out   %al, $0x40
    mov   $0x30, %al
    out   %al, $0x70
    fninit
    sti
    mov   $0x3f8, %edx
    mov   $0x61, %ebx
1:  fld1
    faddl 0x38000
    fstpl 0x38000
    rdrand %rcx
    xor   %rcx, 0x38008
    in    $0x71, %al
    add   %rax, 0x38010
    in    $0x40, %al
    add   %rax, 0x38018
    mov   %bl, %al
    out   %al, $0xe9
    out   %al, %dx
    lea   2f(%rip), %rdi
    incb  1(%rdi)
2:  mov   $0x00, %cl
    mov   $0x38100, %edi
    movzbl %cl, %ecx
    rep   stosb
    mov   $60, %ecx
3:  dec   %ecx
    jnz   3b
    movl  $0x12345678, 0x39000
    jmp   1b
)");

model::CpuState remembering_guest(MachineGuest& guest)
{
    guest.place(MachineGuest::kKernelText, remember_everything);
    support::place_timer_handler(guest);
    model::CpuState state = guest.ring_0();
    state.cr4 |= arch::cr4::kOsFxsr;
    return state;
}

TEST(MachineSnapshot, TheSameRunFollowsEachTimeItIsPutBack)
{
    for (const ExecutionMode mode : {ExecutionMode::Fast, ExecutionMode::Step}) {
        MachineGuest guest({.ram_bytes = kRam, .mode = mode});
        guest.load(remembering_guest(guest));
        guest.machine->run({.instructions = 50'000});
        const auto snapshot = guest.machine->snapshot();
        ASSERT_TRUE(snapshot.has_value()) << snapshot.error();
        EXPECT_EQ(snapshot->instruction_count(), 50'000u);
        const Outcome first = run_on(guest, 100'000);
        EXPECT_GT(first.transitions.size(), 10u);
        EXPECT_FALSE(first.console.empty());
        for (const std::uint64_t detour : {60'000u, 100'001u, 250'000u}) {
            SCOPED_TRACE("after a run to " + std::to_string(detour));
            ASSERT_TRUE(guest.machine->restore(*snapshot).has_value());
            EXPECT_EQ(guest.machine->instruction_count(), 50'000u);
            run_on(guest, detour);
            ASSERT_TRUE(guest.machine->restore(*snapshot).has_value());
            expect_same(run_on(guest, 100'000), first);
        }
    }
}

TEST(MachineSnapshot, SnapshotsCanBePutBackInAnyOrder)
{
    MachineGuest guest;
    guest.load(remembering_guest(guest));
    std::vector<Snapshot> snapshots;
    std::vector<Outcome> outcomes;
    for (std::uint64_t count = 1000; count < 5000; count += 777) {
        outcomes.push_back(run_on(guest, count));
        auto snapshot = guest.machine->snapshot();
        ASSERT_TRUE(snapshot.has_value()) << snapshot.error();
        snapshots.push_back(std::move(*snapshot));
    }
    for (const std::size_t from : {4u, 0u, 2u, 3u, 0u, 1u}) {
        SCOPED_TRACE(from);
        ASSERT_TRUE(guest.machine->restore(snapshots[from]).has_value());
        expect_same(run_on(guest, outcomes[from + 1].count), outcomes[from + 1]);
    }
}

GUEST_CODE(program_of_ones, R"(
    mov   $1, %eax
    inc   %rbx
    hlt
)");

// The guest that was put back has other code where translations were made, by the guest itself and by the host.
TEST(MachineSnapshot, NoTranslationOutlivesTheCodeItWasMadeOf)
{
    for (const ExecutionMode mode : {ExecutionMode::Fast, ExecutionMode::Step}) {
        MachineGuest guest({.ram_bytes = kRam, .mode = mode});
        guest.place(MachineGuest::kKernelText, program_of_ones);
        guest.load(guest.ring_0());
        const auto snapshot = guest.machine->snapshot();
        ASSERT_TRUE(snapshot.has_value());
        EXPECT_EQ(guest.machine->run().kind, EndKind::Halted);
        EXPECT_EQ(guest.machine->state()[model::Gpr::Rax], 1u);

        guest.machine->memory().write_u64(arch::PhysAddr{MachineGuest::kKernelText}, 0xf4'0000'0002'b8); // mov $2; hlt
        guest.machine->forget_code(arch::PhysAddr{MachineGuest::kKernelText}, sizeof(std::uint64_t));
        guest.machine->set_state(guest.ring_0());
        guest.machine->run();
        EXPECT_EQ(guest.machine->state()[model::Gpr::Rax], 2u);

        ASSERT_TRUE(guest.machine->restore(*snapshot).has_value());
        EXPECT_EQ(guest.machine->run().kind, EndKind::Halted);
        EXPECT_EQ(guest.machine->state()[model::Gpr::Rax], 1u);
        EXPECT_EQ(guest.machine->instruction_count(), 3u);
    }
}

GUEST_CODE(add_across_pages, R"(
    mov   $200, %ecx
1:  add   $0x10001, %rax
    add   $2, %rax
    dec   %ecx
    jnz   1b
    hlt
)");

// Code that ran often enough to be translated for good, in a block that begins in a page that is the same and ends in
// one that is not; and code of a third page, which is forgotten with nothing.
TEST(MachineSnapshot, NoTranslationOutlivesTheEndOfItsCode)
{
    constexpr std::uint64_t kSecondPage = MachineGuest::kKernelText + arch::kPageSize;
    constexpr std::uint64_t kBegin = kSecondPage - 12; // the second add's first byte is the last one of its page
    constexpr std::uint64_t kSum = 0x10001 * 200;
    MachineGuest guest({.ram_bytes = kRam});
    guest.place(kBegin, add_across_pages);
    model::CpuState state = guest.ring_0();
    state.rip = kBegin;
    state[model::Gpr::Rax] = 0;
    guest.load(state);
    const auto snapshot = guest.machine->snapshot();
    ASSERT_TRUE(snapshot.has_value());
    for (unsigned round = 0; round < 3; ++round) {
        guest.machine->run();
        EXPECT_EQ(guest.machine->state()[model::Gpr::Rax], kSum + 2 * 200);
        *guest.machine->memory().at(arch::PhysAddr{kSecondPage + 2}, 1) = std::byte{7};
        guest.machine->forget_code(arch::PhysAddr{kSecondPage + 2}, 1);
        guest.machine->set_state(state);
        guest.machine->run();
        EXPECT_EQ(guest.machine->state()[model::Gpr::Rax], kSum + 7 * 200);
        ASSERT_TRUE(guest.machine->restore(*snapshot).has_value());
    }
}

GUEST_CODE(read_a_word, R"(
    mov   0x3b000, %rax
    hlt
)");

TEST(MachineSnapshot, NoTlbEntryOutlivesTheTablesItCameFrom)
{
    MachineGuest guest;
    guest.place(MachineGuest::kKernelText, read_a_word);
    guest.guest.set_word(0x34000, 0x1111);
    guest.guest.set_word(0x35000, 0x2222);
    guest.guest.set_page_entry(0x3b000, 0x34000 | 0x63);
    guest.load(guest.ring_0());
    const auto snapshot = guest.machine->snapshot();
    ASSERT_TRUE(snapshot.has_value());
    guest.guest.set_page_entry(0x3b000, 0x35000 | 0x63);
    guest.run(guest.ring_0());
    EXPECT_EQ(guest.machine->state()[model::Gpr::Rax], 0x2222u);
    ASSERT_TRUE(guest.machine->restore(*snapshot).has_value());
    guest.machine->run();
    EXPECT_EQ(guest.machine->state()[model::Gpr::Rax], 0x1111u);
}

} // namespace
