// SPDX-License-Identifier: MIT
// Fast mode runs blocks, step mode instructions; nothing that can be seen from outside may tell which it was.  Each
// guest runs in both, long enough for its blocks to be counted as blocks, and everything is compared.
#include "arch/pic8259.h"
#include "machine/clock.h"
#include "support/cpu_state_matchers.h"
#include "support/machine_guest.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

namespace {

using namespace ringcheck;
using support::MachineGuest;

MachineConfig in_mode(ExecutionMode mode)
{
    return {.ram_bytes = 8u << 20, .mode = mode};
}

void expect_same_logs(const support::EventLog& fast, const support::EventLog& step)
{
    ASSERT_EQ(fast.transitions.size(), step.transitions.size());
    for (std::size_t i = 0; i < step.transitions.size(); ++i) {
        SCOPED_TRACE("transition " + std::to_string(i));
        const Transition &left = fast.transitions[i], &right = step.transitions[i];
        ASSERT_EQ(left.count, right.count);
        ASSERT_EQ(left.kind, right.kind);
        ASSERT_EQ(left.vector, right.vector);
        ASSERT_EQ(left.error_code, right.error_code);
        ASSERT_TRUE(same_state(left.before, right.before));
        ASSERT_TRUE(same_state(left.after, right.after));
    }
    EXPECT_EQ(fast.addresses, step.addresses);
    EXPECT_EQ(fast.unmodelled, step.unmodelled);
}

void expect_same_machines(Machine& fast, Machine& step)
{
    ASSERT_EQ(fast.instruction_count(), step.instruction_count());
    ASSERT_EQ(fast.now(), step.now());
    ASSERT_TRUE(same_state(fast.state(), step.state()));
    EXPECT_EQ(fast.debug_console(), step.debug_console());
    const auto bytes = [](Machine& machine) {
        return machine.memory().at(arch::PhysAddr{0}, MachineGuest::Guest::kRamBytes);
    };
    EXPECT_TRUE(std::equal(bytes(fast), bytes(fast) + MachineGuest::Guest::kRamBytes, bytes(step))) << "RAM differs";
}

/// The same guest in both modes, side by side.
struct Pair {
    MachineGuest fast{in_mode(ExecutionMode::Fast)}, step{in_mode(ExecutionMode::Step)};

    template <typename SetUp> explicit Pair(SetUp set_up)
    {
        for (MachineGuest* guest : {&fast, &step}) {
            guest->load(set_up(*guest));
        }
    }
    void run_to(std::uint64_t instructions)
    {
        const RunEnd left = fast.machine->run({.instructions = instructions});
        const RunEnd right = step.machine->run({.instructions = instructions});
        ASSERT_EQ(left.kind, right.kind) << left.text << " / " << right.text;
        EXPECT_EQ(left.text, right.text);
        expect_same_machines(*fast.machine, *step.machine);
    }
    void expect_same_logs() { ::expect_same_logs(fast.log, step.log); }
};

// PIC at vector 0x20 with only the timer open; PIT as a rate generator whose count is in %bl.
GUEST_CODE(start_timer_then_ring_3, R"(
    mov   $0x11, %al
    out   %al, $0x20
    mov   $0x20, %al
    out   %al, $0x21
    mov   $4, %al
    out   %al, $0x21
    mov   $1, %al
    out   %al, $0x21
    mov   $0xfe, %al
    out   %al, $0x21
    mov   $0x34, %al
    out   %al, $0x43
    mov   %bl, %al
    out   %al, $0x40
    xor   %eax, %eax
    out   %al, $0x40
    push  $0x1b
    push  $0x21ff0
    push  $0x202
    push  $0x23
    push  $0x20000
    iretq
)");
constexpr unsigned kTimerVector = 0x20;
GUEST_CODE(end_of_interrupt, R"(
    push  %rax
    mov   $0x20, %al
    out   %al, $0x20
    pop   %rax
    iretq
)");
GUEST_CODE(skip_seven_bytes, R"(
    addq  $7, 8(%rsp)       # over the error code: the pushed RIP
    add   $8, %rsp
    iretq
)");
GUEST_CODE(skip_two_bytes, R"(
    addq  $2, (%rsp)
    iretq
)");
// Blocks of all kinds: counted iterations, a fault in the middle, calls, a branch to itself, a system call.
GUEST_CODE(busy_program, R"(
1:  mov   $0x22000, %edi
    mov   $5, %ecx
    rep   stosb
    xor   %ecx, %ecx
    rep   stosb
    mov   $0x22000, %esi
    mov   $0x22100, %edi
    mov   $3, %ecx
    repe  cmpsb
    nop
    mov   0x3c000, %eax     # 7 bytes that fault
    add   %rcx, %r8
    call  2f
    mov   $3, %r9d
3:  dec   %r9d
    jnz   3b
    ud2
    pushf
    popf
    syscall
    inc   %r12
    inc   %r13
    jmp   1b
2:  push  %rbx
    pop   %rbx
    ret
)");
GUEST_CODE(serve, R"(
    swapgs
    mov   %rsp, 0x38010
    mov   $0x16000, %esp    # the user's stack is out of reach: SMAP
    push  %rcx
    mov   %rax, 0x38000
    rdtsc
    pop   %rcx
    mov   0x38010, %rsp
    swapgs
    sysretq
)");

model::CpuState busy_guest(MachineGuest& guest, unsigned pit_count)
{
    guest.place(MachineGuest::kKernelText, start_timer_then_ring_3);
    guest.place(MachineGuest::kUserText, busy_program);
    guest.place(MachineGuest::kSyscallText, serve);
    guest.place(MachineGuest::handler(kTimerVector), end_of_interrupt);
    guest.place(MachineGuest::handler(14), skip_seven_bytes);
    guest.place(MachineGuest::handler(6), skip_two_bytes);
    model::CpuState state = guest.ring_0();
    state[model::Gpr::Rbx] = pit_count;
    state.fmask = arch::rflags::kInterrupt;
    return state;
}

TEST(MachineMode, ABusyGuestUnderATimerRunsTheSame)
{
    for (const unsigned pit_count : {2u, 3u, 7u, 50u, 255u}) {
        SCOPED_TRACE("PIT count " + std::to_string(pit_count));
        Pair pair([&](MachineGuest& guest) { return busy_guest(guest, pit_count); });
        pair.run_to(60'000);
        pair.expect_same_logs();
        EXPECT_GT(pair.step.log.transitions.size(), 3000u);
    }
}

TEST(MachineMode, EachInstructionIsAPlaceToStop)
{
    Pair pair([](MachineGuest& guest) { return busy_guest(guest, 20); });
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
    Pair pair([](MachineGuest& guest) { return busy_guest(guest, 9); });
    pair.run_to(10'000);
    for (std::uint64_t offset = 0; offset < 40; ++offset) {
        for (MachineGuest* guest : {&pair.fast, &pair.step}) {
            guest->machine->watch_address(arch::VirtAddr{MachineGuest::kUserText + offset});
        }
        pair.run_to(10'000 + (offset + 1) * 500);
    }
    for (MachineGuest* guest : {&pair.fast, &pair.step}) {
        guest->machine->stop_at(arch::VirtAddr{MachineGuest::handler(kTimerVector) + 3});
    }
    for (unsigned stops = 0; stops < 20; ++stops) {
        pair.run_to(1'000'000);
        EXPECT_EQ(pair.fast.machine->state().rip, MachineGuest::handler(kTimerVector) + 3);
    }
    pair.fast.machine->clear_stops();
    pair.step.machine->clear_stops();
    pair.run_to(pair.step.machine->instruction_count() + 20'000);
    pair.expect_same_logs();
    EXPECT_GT(pair.step.log.addresses.size(), 1000u);
}

// A store into its own block, in the middle of it, at its first and at its last instruction, each with new bytes.
GUEST_CODE(rewrites_itself, R"(
    mov   $4000, %ecx
1:  lea   2f(%rip), %rdi
    incb  1(%rdi)
    nop
2:  mov   $1, %al
    add   %rax, %rbx
3:  movb  $0x90, 3b-1(%rip)
    xor   %edx, %edx
    movb  %cl, 2b+1(%rip)
    dec   %ecx
    jnz   1b
    hlt
)");

TEST(MachineMode, CodeThatRewritesItselfIsCountedTheSame)
{
    Pair pair([](MachineGuest& guest) {
        guest.place(MachineGuest::kKernelText, rewrites_itself);
        return guest.ring_0();
    });
    pair.run_to(1'000'000);
    pair.expect_same_logs();
}

// Now and then the store in the middle goes into its own block, which has been counted as a whole by then.
GUEST_CODE(seldom_rewrites_itself, R"(
    mov   $3000, %ecx
    lea   2f(%rip), %rdx
1:  mov   $0x38000, %edi
    test  $0x1ff, %ecx
    cmovz %rdx, %rdi
    movb  $0x90, (%rdi)
    inc   %rbx
2:  nop
    dec   %ecx
    jnz   1b
    hlt
)");

TEST(MachineMode, AStoreIntoTheBlockThatRunsIsCountedOnce)
{
    Pair pair([](MachineGuest& guest) {
        guest.place(MachineGuest::kKernelText, seldom_rewrites_itself);
        return guest.ring_0();
    });
    pair.run_to(1'000'000);
    EXPECT_EQ(pair.fast.machine->instruction_count(), 2 + 3000u * 8 + 1);
    pair.expect_same_logs();
}

// Two programs, one after the other, in the same page and at the same address: the length of the block is the same.
GUEST_CODE(swap_programs, R"(
    mov   $300, %ebp
1:  mov   $0x38800, %edi
    movl  $0x90c3ff48, (%rdi)   # inc %rbx; nop
    movb  $0xc3, 4(%rdi)
    call  4f
    movl  $0x90909090, (%rdi)   # nops
    call  4f
    dec   %ebp
    jnz   1b
    hlt
4:  mov   $100, %ecx
5:  call  *%rdi
    loop  5b
    ret
)");

TEST(MachineMode, NewCodeInAnOldPlaceIsCountedAsItIs)
{
    Pair pair([](MachineGuest& guest) {
        guest.place(MachineGuest::kKernelText, swap_programs);
        model::CpuState state = guest.ring_0();
        state[model::Gpr::Rbx] = 0;
        return state;
    });
    pair.run_to(10'000'000);
    EXPECT_EQ(pair.fast.machine->state()[model::Gpr::Rbx], 300u * 100);
    pair.expect_same_logs();
}

// The same with the bytes changed from outside, as a debugger or a loader does it.
GUEST_CODE(endless, R"(
1:  inc   %rbx
    nop
    jmp   1b
)");

TEST(MachineMode, CodeChangedFromOutsideIsCountedAsItIs)
{
    Pair pair([](MachineGuest& guest) {
        guest.place(MachineGuest::kKernelText, endless);
        return guest.ring_0();
    });
    pair.run_to(10'000);
    for (MachineGuest* guest : {&pair.fast, &pair.step}) {
        // 48 ff c3 90 eb fa: the INC becomes three NOPs.
        guest->machine->memory().write_u64(arch::PhysAddr{MachineGuest::kKernelText}, 0xfaeb'9090'9090);
        guest->machine->forget_code();
    }
    pair.run_to(20'001);
    pair.expect_same_logs();
}

// Pages with the same address and other code behind another CR3.
GUEST_CODE(two_spaces, R"(
    mov   $2000, %ebp
1:  mov   %r14, %cr3
    call  *%rdi
    mov   %r15, %cr3
    call  *%rdi
    dec   %ebp
    jnz   1b
    hlt
)");
// As long, but with another number of instructions.
GUEST_CODE(one_program, R"(
    inc   %rbx
    nop
    ret
)");
GUEST_CODE(other_program, R"(
    nop
    inc   %ebx
    nop
    ret
)");

/// Calls `entry` by turns in two address spaces; 0x3b000 is one page in one of them and another in the other.
model::CpuState two_space_guest(MachineGuest& guest, std::uint64_t entry)
{
    using Guest = MachineGuest::Guest;
    constexpr std::uint64_t kOne = 0x34000, kOther = 0x35000, kHere = 0x3b000;
    constexpr std::uint64_t kPml4 = 0x8000, kPdpt = 0x9000, kDirectory = 0xa000, kTable = 0xb000; // the second tree
    guest.place(MachineGuest::kKernelText, two_spaces);
    guest.place(kOne, one_program);
    guest.place(kOther, other_program);
    for (std::uint64_t offset = 0; offset < arch::kPageSize; offset += 8) {
        guest.guest.set_word(kPml4 + offset, guest.guest.word(Guest::kPml4 + offset));
        guest.guest.set_word(kPdpt + offset, guest.guest.word(Guest::kPdpt + offset));
        guest.guest.set_word(kDirectory + offset, guest.guest.word(Guest::kDirectory + offset));
        guest.guest.set_word(kTable + offset, guest.guest.word(Guest::kTable + offset));
    }
    const auto point = [&](std::uint64_t at, std::uint64_t to) {
        guest.guest.set_word(at, (guest.guest.word(at) & (arch::kPageSize - 1)) | to);
    };
    point(kPml4, kPdpt);
    point(kPdpt, kDirectory);
    point(kDirectory, kTable);
    point(Guest::kTable + kHere / arch::kPageSize * 8, kOne);
    point(kTable + kHere / arch::kPageSize * 8, kOther);
    model::CpuState state = guest.ring_0();
    state[model::Gpr::R14] = Guest::kPml4;
    state[model::Gpr::R15] = kPml4;
    state[model::Gpr::Rdi] = entry;
    state[model::Gpr::Rbx] = 0;
    return state;
}

TEST(MachineMode, AddressSpacesDoNotMixTheirBlocks)
{
    Pair pair([](MachineGuest& guest) { return two_space_guest(guest, 0x3b000); });
    pair.run_to(1'000'000);
    EXPECT_EQ(pair.fast.machine->state()[model::Gpr::Rbx], 4000u);
    pair.expect_same_logs();
}

GUEST_CODE(three_nops, R"(
    nop
    nop
    nop
)");

TEST(MachineMode, ABlockThatEndsInAnotherPageThanBeforeIsCountedAsItIs)
{
    Pair pair([](MachineGuest& guest) {
        guest.place(0x3b000 - 3, three_nops);
        return two_space_guest(guest, 0x3b000 - 3);
    });
    pair.run_to(1'000'000);
    EXPECT_EQ(pair.fast.machine->state()[model::Gpr::Rbx], 4000u);
    pair.expect_same_logs();
}

GUEST_CODE(cross_the_page_end, R"(
    nop
    nop
    nop
    mov   $5, %eax
    jmp   *%rsi
)");
GUEST_CODE(call_to_the_page_end, R"(
1:  lea   2f(%rip), %rsi
    jmp   *%rdi
2:  dec   %ebp
    jnz   1b
    mov   %rdx, 0x4000+0x37*8   # the second page is no longer there
    invlpg 0x37000
    jmp   *%rdi
)");

TEST(MachineMode, ABlockIntoAMissingPageFaultsAtItsInstruction)
{
    for (std::uint64_t before = 1; before < 12; ++before) {
        SCOPED_TRACE(std::to_string(before) + " bytes before the page's end");
        Pair pair([&](MachineGuest& guest) {
            guest.place(MachineGuest::kKernelText, call_to_the_page_end);
            guest.place(0x37000 - before, cross_the_page_end);
            model::CpuState state = guest.ring_0();
            state[model::Gpr::Rdi] = 0x37000 - before;
            state[model::Gpr::Rbp] = 300;
            return state;
        });
        pair.run_to(100'000);
        pair.expect_same_logs();
        // Its instructions begin at 0, 1, 2, 3 and 8, and it ends at 10.
        const bool reaches = before < 10;
        ASSERT_EQ(pair.fast.log.transitions.size(), reaches ? 1u : 0u);
        if (reaches) {
            const std::uint64_t begin = 0x37000 - before;
            const std::uint64_t fault = begin + (before < 3 ? before : before < 8 ? 3 : 8);
            EXPECT_EQ(pair.fast.log.transitions[0].before.rip, fault);
            EXPECT_EQ(pair.fast.log.transitions[0].after.cr2, 0x37000u);
        }
    }
}

GUEST_CODE(outside_memory_in_a_block, R"(
1:  dec   %ebp
    cmove %rdx, %rdi
    nop
    mov   (%rdi), %eax
    nop
    jmp   1b
)");

TEST(MachineMode, PhysicalMemoryThatIsNotThereEndsTheRunAtTheSamePlace)
{
    Pair pair([](MachineGuest& guest) {
        guest.place(MachineGuest::kKernelText, outside_memory_in_a_block);
        guest.guest.set_page_entry(MachineGuest::kUnmapped, 0xfee0'0000 | 0x63);
        model::CpuState state = guest.ring_0();
        state[model::Gpr::Rdi] = MachineGuest::kData;
        state[model::Gpr::Rdx] = MachineGuest::kUnmapped;
        state[model::Gpr::Rbp] = 500;
        return state;
    });
    pair.run_to(1'000'000);
    pair.expect_same_logs();
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
