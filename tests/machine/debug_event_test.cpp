// SPDX-License-Identifier: MIT
// Breakpoints, single steps and alignment checks, which the engine does not make or makes otherwise, in both modes.
// [SDM 3B "Debug Registers", "Debug Exceptions"; SDM 3A "Interrupt 17—Alignment Check Exception (#AC)"]
#include "arch/debug_registers.h"
#include "support/mode_pair.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace {

using namespace ringcheck;
using arch::dr7::Condition;
using support::MachineGuest;
using support::ModePair;

constexpr std::uint64_t kUserData = 0x22000;
constexpr std::uint8_t kDebug = 1, kAlignment = 17;

constexpr std::uint64_t enable(unsigned n, Condition condition, unsigned length_code)
{
    return arch::dr7::kAlwaysOne | std::uint64_t{1} << 2 * n | static_cast<std::uint64_t>(condition) << (16 + 4 * n) |
           std::uint64_t{length_code} << (18 + 4 * n);
}

GUEST_CODE(go_on, R"(
    orl   $0x10000, 16(%rsp)    # RF, which an instruction breakpoint does not push
    iretq
)");
GUEST_CODE(twenty_rounds, R"(
    mov   $200, %ebp
1:  inc   %rbx
    mov   $3, %ecx
    mov   $0x22000, %edi
2:  rep   stosb
    dec   %ebp
    jnz   1b
    ud2
)");
constexpr std::uint64_t kInc = MachineGuest::kUserText + 5, kRep = kInc + 13;

/// The debug exceptions that were told.
std::vector<Transition> debug_exceptions(const MachineGuest& guest)
{
    std::vector<Transition> found;
    std::ranges::copy_if(guest.log.transitions, std::back_inserter(found),
                         [](const Transition& one) { return one.vector == kDebug; });
    return found;
}

model::CpuState rounds_in_ring_3(MachineGuest& guest, std::uint64_t dr0, std::uint64_t dr7)
{
    guest.place(MachineGuest::kUserText, twenty_rounds);
    guest.place(MachineGuest::handler(kDebug), go_on);
    model::CpuState state = guest.ring_3();
    state.dr0 = dr0;
    state.dr7 = dr7;
    return state;
}

TEST(DebugEvent, ABreakpointStopsBeforeItsInstructionEachTimeAndResumesByRf)
{
    for (const std::uint64_t rip : {kInc, kRep}) { // a REP once, not at each iteration
        ModePair pair(
            [&](MachineGuest& guest) { return rounds_in_ring_3(guest, rip, enable(0, Condition::Execute, 0)); });
        pair.run_to(1'000'000);
        pair.expect_same_logs();
        const auto hits = debug_exceptions(pair.fast);
        ASSERT_EQ(hits.size(), 200u);
        for (const Transition& hit : hits) {
            EXPECT_EQ(hit.before.rip, rip);
            EXPECT_EQ(hit.after.dr6, arch::dr6::kAlwaysOne | 1);
        }
    }
}

TEST(DebugEvent, ADataBreakpointTrapsBehindEachIterationThatMeetsIt)
{
    ModePair pair(
        [&](MachineGuest& guest) { return rounds_in_ring_3(guest, kUserData + 1, enable(0, Condition::Write, 0)); });
    pair.run_to(1'000'000);
    pair.expect_same_logs();
    const auto hits = debug_exceptions(pair.fast);
    ASSERT_EQ(hits.size(), 200u);
    for (const Transition& hit : hits) {
        EXPECT_EQ(hit.before.rip, kRep);
        EXPECT_EQ(hit.before[model::Gpr::Rcx], 1u);
        EXPECT_EQ(hit.after.dr6, arch::dr6::kAlwaysOne | 1);
    }
}

GUEST_CODE(arms_and_disarms, R"(
    mov   %rax, %dr0
    mov   %rdx, %dr7
    call  *%rax
    mov   %rbx, %dr7
    call  *%rax
    hlt
)");
GUEST_CODE(just_return, "ret");

TEST(DebugEvent, TheGuestArmsABreakpointAndDisarmsIt)
{
    ModePair pair([](MachineGuest& guest) {
        constexpr std::uint64_t kFunction = 0x34000;
        guest.place(MachineGuest::kKernelText, arms_and_disarms);
        guest.place(kFunction, just_return);
        guest.place(MachineGuest::handler(kDebug), go_on);
        model::CpuState state = guest.ring_0();
        state[model::Gpr::Rax] = kFunction;
        state[model::Gpr::Rdx] = enable(0, Condition::Execute, 0);
        state[model::Gpr::Rbx] = 0;
        return state;
    });
    pair.run_to(1'000);
    pair.expect_same_logs();
    EXPECT_EQ(debug_exceptions(pair.fast).size(), 1u);
    EXPECT_TRUE(pair.fast.log.unmodelled.empty());
}

GUEST_CODE(writes_a_port, R"(
    mov   $0x80, %edx
    out   %al, %dx
    nop
    hlt
)");

TEST(DebugEvent, AnIoBreakpointNeedsDebuggingExtensions)
{
    for (const bool extensions : {false, true}) {
        ModePair pair([&](MachineGuest& guest) {
            guest.place(MachineGuest::kKernelText, writes_a_port);
            guest.place(MachineGuest::handler(kDebug), go_on);
            model::CpuState state = guest.ring_0();
            state.cr4 |= extensions ? arch::cr4::kDebuggingExtensions : 0;
            state.dr2 = 0x80;
            state.dr7 = enable(2, Condition::InputOutput, 0);
            return state;
        });
        pair.run_to(1'000);
        pair.expect_same_logs();
        const auto hits = debug_exceptions(pair.fast);
        ASSERT_EQ(hits.size(), extensions ? 1u : 0u);
        if (extensions) {
            EXPECT_EQ(hits[0].before.rip, MachineGuest::kKernelText + 6);
            EXPECT_EQ(hits[0].after.dr6, arch::dr6::kAlwaysOne | 4);
        }
    }
}

GUEST_CODE(one_call, R"(
    nop
    syscall
    nop
    ud2
)");
GUEST_CODE(answer, R"(
    nop
    sysretq
)");

TEST(DebugEvent, SyscallIsNotSteppedWhenItsMaskClearsTf)
{
    ModePair pair([](MachineGuest& guest) {
        guest.place(MachineGuest::kUserText, one_call);
        guest.place(MachineGuest::kSyscallText, answer);
        guest.place(MachineGuest::handler(kDebug), go_on);
        model::CpuState state = guest.ring_3();
        state.fmask = arch::rflags::kTrap;
        state.rflags |= arch::rflags::kTrap;
        return state;
    });
    pair.run_to(1'000);
    pair.expect_same_logs();
    const auto steps = debug_exceptions(pair.fast);
    ASSERT_EQ(steps.size(), 3u); // NOP, SYSRET that sets TF again, NOP
    EXPECT_EQ(steps[0].before.rip, MachineGuest::kUserText + 1);
    EXPECT_EQ(steps[1].before.rip, MachineGuest::kUserText + 3);
    EXPECT_EQ(steps[2].before.rip, MachineGuest::kUserText + 4);
    EXPECT_EQ(steps[0].after.dr6, arch::dr6::kAlwaysOne | arch::dr6::kSingleStep);
}

GUEST_CODE(misaligned_in_round_100, R"(
    mov   $100, %ebp
1:  mov   $0x22000, %edi
    dec   %ebp
    jnz   2f
    inc   %edi
2:  mov   (%rdi), %eax
    jmp   1b
)");

TEST(DebugEvent, AlignmentIsCheckedInRing3Only)
{
    ModePair pair([](MachineGuest& guest) {
        guest.place(MachineGuest::kUserText, misaligned_in_round_100);
        model::CpuState state = guest.ring_3();
        state.cr0 |= arch::cr0::kAlignmentMask;
        state.rflags |= arch::rflags::kAlignmentCheck;
        return state;
    });
    pair.run_to(10'000);
    pair.expect_same_logs();
    ASSERT_EQ(pair.fast.log.transitions.size(), 1u);
    const Transition& check = pair.fast.log.transitions[0];
    EXPECT_EQ(check.vector, kAlignment);
    EXPECT_EQ(check.error_code, 0u);
    EXPECT_EQ(check.count, 1 + 99u * 5 + 4); // the last round falls through to INC
}

} // namespace
