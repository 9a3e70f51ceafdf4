// SPDX-License-Identifier: MIT
// Faults that the engine reports otherwise than a CPU, from blocks that have long been counted as blocks.
// [SDM 3A "Page-Fault Exceptions", "Interrupt 12—Stack Fault Exception (#SS)"; SDM 2A JMP, CALL, SDM 2B RET]
#include "arch/paging.h"
#include "support/mode_pair.h"

#include <gtest/gtest.h>

namespace {

using namespace ringcheck;
using model::Gpr;
using support::GuestCode;
using support::MachineGuest;
using support::ModePair;

constexpr std::uint64_t kNonCanonical = 0x8000'0000'0000;

// In the last of 300 rounds RDI and RSP become what RSI and RDX hold.
#define ROUNDS(name, instruction)                                                                                      \
    GUEST_CODE(name, "mov $300, %ebp\n"                                                                                \
                     "1: dec %ebp\n"                                                                                   \
                     "cmovz %rsi, %rdi\n"                                                                              \
                     "cmovz %rdx, %rsp\n" instruction "\n"                                                             \
                     "jmp 1b\n")

ROUNDS(increments, "incl (%rdi)");
ROUNDS(exchanges, "xchg %eax, (%rdi)");
ROUNDS(loads, "mov (%rdi), %eax");
ROUNDS(pushes, "push %rax; pop %rax");
ROUNDS(jumps, "lea 2f(%rip), %rax; test %ebp, %ebp; cmovz %rsi, %rax; jmp *%rax; 2:");
ROUNDS(calls, "lea 2f(%rip), %rax; test %ebp, %ebp; cmovz %rsi, %rax; call *%rax; 2: pop %rax");
ROUNDS(returns, "lea 2f(%rip), %rax; test %ebp, %ebp; cmovz %rsi, %rax; push %rax; sub $8, %rsp; push %rax; ret $8; 2: "
                "pop %rax");

Transition only_fault(const GuestCode& code, std::uint64_t rsi, std::uint64_t rdx = MachineGuest::kData + 0x800)
{
    ModePair pair([&](MachineGuest& guest) {
        guest.place(MachineGuest::kKernelText, code);
        // Its own stack, so that RSP may be anything.
        for (const unsigned vector : {12u, 13u, 14u}) {
            guest.set_gate(vector, 1);
        }
        model::CpuState state = guest.ring_0();
        state[Gpr::Rdi] = MachineGuest::kData;
        state[Gpr::Rsp] = MachineGuest::kData + 0x800;
        state[Gpr::Rsi] = rsi;
        state[Gpr::Rdx] = rdx;
        return state;
    });
    pair.run_to(1'000'000);
    pair.expect_same_logs();
    EXPECT_EQ(pair.fast.log.transitions.size(), 1u);
    return pair.fast.log.transitions.empty() ? Transition{} : pair.fast.log.transitions[0];
}

constexpr std::uint64_t kBeforeInstruction = 5 + 2 + 4 + 4; ///< bytes in front of a round's instruction

TEST(EngineFault, AReadModifyWriteAsksForTheRightToWrite)
{
    for (const GuestCode& code : {increments, exchanges}) {
        const Transition fault = only_fault(code, MachineGuest::kUnmapped);
        EXPECT_EQ(fault.error_code, arch::page_fault::kWrite);
        EXPECT_EQ(fault.after.cr2, MachineGuest::kUnmapped);
    }
    EXPECT_EQ(only_fault(loads, MachineGuest::kUnmapped).error_code, 0u);
}

TEST(EngineFault, APushThroughAnRspThatIsNotCanonicalIsAStackFault)
{
    const Transition fault = only_fault(pushes, MachineGuest::kData, kNonCanonical + 0x100);
    EXPECT_EQ(fault.vector, 12);
    EXPECT_EQ(fault.error_code, 0u);
    EXPECT_EQ(only_fault(loads, kNonCanonical).vector, 13);
}

TEST(EngineFault, ANearBranchToAnAddressThatIsNotCanonicalFaultsItself)
{
    constexpr std::uint64_t kBranch = MachineGuest::kKernelText + kBeforeInstruction + 7 + 2 + 4;
    constexpr std::uint64_t kStack = MachineGuest::kData + 0x800;
    constexpr std::uint64_t kRound = 7; // instructions in front of the branch, once
    const Transition jump = only_fault(jumps, kNonCanonical);
    EXPECT_EQ(jump.vector, 13);
    EXPECT_EQ(jump.before.rip, kBranch);
    EXPECT_EQ(jump.count, 1 + 299u * (kRound + 1) + kRound - 1);

    const Transition call = only_fault(calls, kNonCanonical);
    EXPECT_EQ(call.before.rip, kBranch);
    EXPECT_EQ(call.before[Gpr::Rsp], kStack);

    const Transition back = only_fault(returns, kNonCanonical);
    EXPECT_EQ(back.before.rip, kBranch + 1 + 4 + 1);
    EXPECT_EQ(back.before[Gpr::Rsp], kStack - 24);
    EXPECT_EQ(back.vector, 13);
}

// The last instruction of the lower half, which jumps over its end.
GUEST_CODE(loop_out, "loop .+0x40");
GUEST_CODE(loope_out, "loope .+0x40");
GUEST_CODE(loopne_out, "loopne .+0x40");
GUEST_CODE(jrcxz_out, "jrcxz .+0x40");

TEST(EngineFault, ALoopToAnAddressThatIsNotCanonicalFaultsItselfAndCountsNothing)
{
    using arch::PageEntry;
    using Guest = MachineGuest::Guest;
    constexpr std::uint64_t kEntry = PageEntry::kPresent | PageEntry::kWritable;
    constexpr std::uint64_t kLastPage = 0x7fff'ffff'f000, kFrame = 0x39000, kOffset = 0xfe0;
    constexpr std::size_t kLast = 511 * sizeof(std::uint64_t), kLastOfLowerHalf = 255 * sizeof(std::uint64_t);
    const struct {
        const GuestCode& code;
        std::uint64_t rcx, flags;
    } rows[] = {{loop_out, 2, 0}, {loope_out, 2, arch::rflags::kZero}, {loopne_out, 2, 0}, {jrcxz_out, 0, 0}};
    for (const auto& row : rows) {
        ModePair pair([&](MachineGuest& guest) {
            guest.guest.set_word(Guest::kPml4 + kLastOfLowerHalf, Guest::kPdpt | kEntry);
            guest.guest.set_word(Guest::kPdpt + kLast, Guest::kDirectory | kEntry);
            guest.guest.set_word(Guest::kDirectory + kLast, Guest::kTable | kEntry);
            guest.guest.set_word(Guest::kTable + kLast, kFrame | kEntry);
            guest.place(kFrame + kOffset, row.code);
            model::CpuState state = guest.ring_0();
            state.rip = kLastPage + kOffset;
            state[Gpr::Rcx] = row.rcx;
            state.rflags |= row.flags;
            return state;
        });
        pair.run_to(100);
        pair.expect_same_logs();
        ASSERT_EQ(pair.fast.log.transitions.size(), 1u);
        const Transition& fault = pair.fast.log.transitions[0];
        EXPECT_EQ(fault.vector, 13);
        EXPECT_EQ(fault.error_code, 0u);
        EXPECT_EQ(fault.count, 0u);
        EXPECT_EQ(fault.before.rip, kLastPage + kOffset);
        EXPECT_EQ(fault.before[Gpr::Rcx], row.rcx);
    }
}

} // namespace
