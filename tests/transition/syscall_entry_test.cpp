// SPDX-License-Identifier: MIT
// Property: the SYSCALL entry saves every register of the user in its own slot, on the thread's own stack, and the exit
// gives all of them back.  Source: [SDM 2B SYSCALL, SYSRET]; push order by distinct words, which no assertion can see.
#include "arch/rflags.h"
#include "layout/per_cpu.h"
#include "layout/selectors.h"
#include "support/frame_matchers.h"
#include "transition/user_code.h"
#include "uapi/errno.h"

#include <algorithm>

namespace support {
namespace {

using model::Gpr;
using ringcheck::TransitionKind;

const std::vector<std::uint8_t> kSyscall = {0x0f, 0x05, 0xeb, 0xfe}; // syscall; jmp to itself
constexpr std::uint64_t kAfterSyscall = 2;

TEST(SyscallEntry, SavesEachUserRegisterInItsOwnSlot)
{
    UserCode program(kSyscall);
    const model::CpuState before = program.state();
    program.run_to("syscall_dispatch");

    layout::TrapFrame expected = frame_of(before, layout::kSyscallVector, before[model::Gpr::Rax]);
    expected.rip = before.rip + kAfterSyscall;
    expected.rcx = expected.rip; // where SYSCALL itself puts RIP and RFLAGS
    expected.r11 = before.rflags;
    EXPECT_TRUE(same_frame(program.frame_in_rdi(), expected));
}

TEST(SyscallEntry, RunsOnTheTopOfTheThreadsOwnStack)
{
    UserCode program(kSyscall);
    const std::uint64_t per_cpu = program.symbol("per_cpu").value;
    const std::uint64_t top = program.word_at(arch::VirtAddr{per_cpu + offsetof(layout::PerCpu, kernel_rsp)});
    program.run_to("syscall_dispatch");
    EXPECT_EQ(program.state()[Gpr::Rdi], top - sizeof(layout::TrapFrame));
}

TEST(SyscallEntry, SwapsGsExactlyOnce)
{
    UserCode program(kSyscall);
    const model::CpuState before = program.state();
    program.run_to("syscall_dispatch");
    const model::CpuState after = program.state();
    EXPECT_EQ(after.gs.base, program.symbol("per_cpu").value);
    EXPECT_EQ(after.gs.base, before.kernel_gs_base);
    EXPECT_EQ(after.kernel_gs_base, before.gs.base);
}

TEST(SyscallEntry, StartsWithEveryDangerousFlagClear)
{
    using namespace arch::rflags;
    UserCode program(kSyscall);
    model::CpuState state = program.state();
    state.rflags |= kArithmetic | kDirection | kNestedTask | kAlignmentCheck | kIdentification;
    program.set(state);
    program.run_to("syscall_entry");
    EXPECT_EQ(program.state().rflags, kAlwaysOne);
}

/// The states before SYSCALL and after the return to ring 3, for a call that does nothing.
struct RoundTrip {
    model::CpuState before, after;
    std::vector<ringcheck::Transition> transitions;
};

/// C++ may leave anything in the registers that the caller has to save.  [psABI AMD64 "Registers and the Stack Frame"]
void clobber_after_the_call(UserCode& program)
{
    program.run_to("syscall_dispatch");
    program.run_to(arch::VirtAddr{program.word_at(arch::VirtAddr{program.state()[Gpr::Rsp]})});
    model::CpuState state = program.state();
    for (const Gpr gpr : {Gpr::Rcx, Gpr::Rdx, Gpr::Rsi, Gpr::Rdi, Gpr::R8, Gpr::R9, Gpr::R10, Gpr::R11}) {
        state[gpr] = ~state[gpr];
    }
    program.set(state);
}

RoundTrip round_trip(UserCode& program)
{
    const model::CpuState before = program.state();
    clobber_after_the_call(program);
    program.run_to(arch::VirtAddr{before.rip + kAfterSyscall});
    return {before, program.state(), program.recorder.all};
}

TEST(SyscallReturn, RestoresEveryRegisterButRaxRcxR11)
{
    UserCode program(kSyscall); // RAX holds a number that no call has
    const RoundTrip trip = round_trip(program);

    model::CpuState expected = trip.before;
    expected.rip += kAfterSyscall;
    expected[Gpr::Rcx] = expected.rip;
    expected[Gpr::R11] = expected.rflags;
    expected[Gpr::Rax] = ~static_cast<std::uint64_t>(uapi::Error::Enosys) + 1;
    EXPECT_EQ(trip.after.gpr, expected.gpr);
    EXPECT_EQ(trip.after.rip, expected.rip);
    EXPECT_EQ(trip.after.rflags, expected.rflags);
    EXPECT_EQ(trip.after.cpl, 3);
    EXPECT_EQ(trip.after.cs, expected.cs);
    EXPECT_EQ(trip.after.ss.selector, expected.ss.selector);
    EXPECT_EQ(trip.after.gs.base, expected.gs.base);
    EXPECT_EQ(trip.after.kernel_gs_base, expected.kernel_gs_base);
    EXPECT_EQ(trip.after.cr3, expected.cr3);
}

TEST(SyscallReturn, UsesSysretForAnOrdinaryCall)
{
    UserCode program(kSyscall);
    const RoundTrip trip = round_trip(program);
    ASSERT_FALSE(trip.transitions.empty());
    EXPECT_EQ(trip.transitions.back().kind, TransitionKind::Sysret);
}

/// SYSRETQ would restore TF before the next instruction has run, so the trap would come one instruction early or in
/// the wrong place; the exit has to take IRETQ.
TEST(SyscallReturn, UsesIretWhenTheUserTraces)
{
    UserCode program(kSyscall);
    model::CpuState state = program.state();
    state.rflags |= arch::rflags::kTrap;
    program.set(state);
    program.run_to("exception_dispatch"); // the #DB after the user's next instruction
    const auto& all = program.recorder.all;
    const auto back = std::ranges::find_if(all, [](const auto& t) { return t.before.cpl == 0 && t.after.cpl == 3; });
    ASSERT_NE(back, all.end());
    EXPECT_EQ(back->kind, TransitionKind::Iret);
    EXPECT_NE(back->after.rflags & arch::rflags::kTrap, 0u);
}

/// What sigreturn and execve do: each word of the frame counts, RCX and R11 beside RIP and RFLAGS too.
TEST(SyscallReturn, RestoresTheWholeFrameWhenACallChangedIt)
{
    UserCode program(kSyscall);
    const model::CpuState before = program.state();
    program.run_to("syscall_dispatch");
    const arch::VirtAddr frame{program.state()[Gpr::Rdi]};
    constexpr std::uint64_t kMark = 0x0000'2200'0000'0000;
    for (std::uint64_t at = 0; at < offsetof(layout::TrapFrame, rax); at += 8) {
        program.set_word(frame + at, kMark + at);
    }
    const arch::VirtAddr thread{
        program.word_at(arch::VirtAddr{program.symbol("per_cpu").value + offsetof(layout::PerCpu, current_thread)})};
    program.set_word(thread + layout::kReturnWorkInThread, 1);
    program.run_to(arch::VirtAddr{before.rip + kAfterSyscall});

    EXPECT_EQ(program.recorder.all.back().kind, TransitionKind::Iret);
    layout::TrapFrame expected{};
    for (std::uint64_t at = 0; at < offsetof(layout::TrapFrame, rax); at += 8) {
        const std::uint64_t word = kMark + at;
        std::memcpy(reinterpret_cast<std::byte*>(&expected) + at, &word, sizeof word);
    }
    expected.rax = ~static_cast<std::uint64_t>(uapi::Error::Enosys) + 1;
    expected.rip = before.rip + kAfterSyscall;
    expected.cs = layout::kUserCode;
    expected.rflags = before.rflags;
    expected.rsp = before[Gpr::Rsp];
    expected.ss = layout::kUserData;
    EXPECT_TRUE(same_frame(frame_of(program.state(), 0, 0), expected));
    EXPECT_EQ(program.word_at(thread + layout::kReturnWorkInThread) & 0xffff'ffff, 0u) << "the work is done";
}

TEST(SyscallNumber, IsAllOfRaxAndIsComparedAsUnsigned)
{
    // The lower half of each is write's number, or its index would lie before the table.
    for (const std::uint64_t number : {std::uint64_t{0x1'0000'0001}, ~std::uint64_t{0}, std::uint64_t{1} << 63 | 1,
                                       std::uint64_t{0x4000'0001}, std::uint64_t{1} << 31}) {
        UserCode program(kSyscall);
        model::CpuState state = program.state();
        state[Gpr::Rax] = number;
        program.set(state);
        program.run_to(arch::VirtAddr{state.rip + kAfterSyscall});
        EXPECT_EQ(program.state()[Gpr::Rax], ~static_cast<std::uint64_t>(uapi::Error::Enosys) + 1)
            << std::hex << number;
    }
}

TEST(SyscallMsrs, StarGivesTheUserSelectorsWithRpl3)
{
    UserCode program(kSyscall);
    const std::uint64_t star = program.state().star;
    const std::uint64_t sysret_base = star >> 48;
    const std::uint64_t syscall_base = star >> 32 & 0xffff;
    EXPECT_EQ(sysret_base + 16, layout::kUserCode);
    EXPECT_EQ(sysret_base + 8, layout::kUserData);
    EXPECT_EQ(sysret_base & 3, 3u);
    EXPECT_EQ(syscall_base, layout::kKernelCode);
    EXPECT_EQ(syscall_base + 8, layout::kKernelData);
}

/// AMD's SYSRET takes SS from STAR as it is; Intel's sets RPL 3 itself.  Both must give the user's selectors.
TEST(SyscallReturn, GivesTheUsersSelectorsOnBothVendors)
{
    for (const auto vendor : {model::Vendor::Intel, model::Vendor::Amd}) {
        UserCode program(kSyscall, {.vendor = vendor});
        const RoundTrip trip = round_trip(program);
        EXPECT_EQ(trip.after.cs.selector, layout::kUserCode);
        EXPECT_EQ(trip.after.ss.selector, layout::kUserData);
    }
}

} // namespace
} // namespace support
