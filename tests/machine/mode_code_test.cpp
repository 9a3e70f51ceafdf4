// SPDX-License-Identifier: MIT
// Code that changes, moves or ends in a missing page is counted the same by blocks as by instructions.
#include "support/mode_pair.h"

#include <gtest/gtest.h>

namespace {

using namespace ringcheck;
using support::MachineGuest;
using Pair = support::ModePair;

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

// A kernel loads two programs into the same frame, one after the other: it stores from the frame's begin on, through a
// page of its own that is not executable, before it loads CR3.
GUEST_CODE(loads_programs, R"(
    mov   $20, %ebp
    mov   %cr3, %rax
1:  movq  $0, 0x38800
    movl  $0x90c3ff48, 0x38900  # inc %rbx; nop
    movb  $0xc3, 0x38904
    mov   %rax, %cr3
    call  *%rdi
    movq  $0, 0x38800
    movl  $0x90909090, 0x38900  # nops
    mov   %rax, %cr3
    call  *%rdi
    dec   %ebp
    jnz   1b
    hlt
)");

TEST(MachineMode, AProgramInAFrameOfAnotherOneIsNotTheOther)
{
    constexpr std::uint64_t kAlias = 0x3a000, kNoExecute = std::uint64_t{1} << 63;
    Pair pair([](MachineGuest& guest) {
        guest.place(MachineGuest::kKernelText, loads_programs);
        guest.guest.set_page_entry(kAlias, guest.guest.page_entry(MachineGuest::kData));
        guest.guest.set_page_entry(MachineGuest::kData, guest.guest.page_entry(MachineGuest::kData) | kNoExecute);
        model::CpuState state = guest.ring_0();
        state[model::Gpr::Rbx] = 0;
        state[model::Gpr::Rdi] = kAlias + 0x900;
        return state;
    });
    pair.run_to(1'000'000);
    EXPECT_EQ(pair.fast.machine->state()[model::Gpr::Rbx], 20u);
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
        guest->machine->forget_code(arch::PhysAddr{MachineGuest::kKernelText}, sizeof(std::uint64_t));
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

} // namespace
