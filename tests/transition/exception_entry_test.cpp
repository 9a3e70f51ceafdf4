// SPDX-License-Identifier: MIT
// Property: every gate's entry saves every register in its own slot, has the kernel's GS, and never trusts the user's
// flags; interrupts give all of it back.  Source: [SDM 3A "64-Bit Mode Stack Frame"].
#include "arch/exception.h"
#include "arch/rflags.h"
#include "layout/per_cpu.h"
#include "support/frame_matchers.h"
#include "transition/user_code.h"

#include <algorithm>

namespace support {
namespace {

using arch::Vector;
using model::Gpr;
using ringcheck::TransitionKind;

constexpr std::uint64_t number(Vector vector)
{
    return static_cast<std::uint64_t>(vector);
}

struct Case {
    const char* name;
    std::vector<std::uint8_t> code;
    Vector vector;
    std::uint32_t error_code;
    std::uint64_t bytes_before_rip; ///< traps save the address behind the instruction
};

/// How GoogleTest names the case when it fails.
void PrintTo(const Case& param, std::ostream* out)
{
    *out << param.name;
}

class ExceptionEntry : public testing::TestWithParam<Case> {};

TEST_P(ExceptionEntry, SavesEachUserRegisterInItsOwnSlot)
{
    const Case& param = GetParam();
    UserCode program(param.code);
    const model::CpuState before = program.state();
    program.run_to("exception_dispatch");

    layout::TrapFrame actual = program.frame_in_rdi();
    layout::TrapFrame expected = frame_of(before, number(param.vector), param.error_code);
    expected.rip += param.bytes_before_rip;
    // RF in the saved image is the CPU's doing and depends on the class of the event.  [SDM 3A "Instruction-Breakpoint
    // Exception Condition"]
    actual.rflags &= ~arch::rflags::kResume;
    EXPECT_TRUE(same_frame(actual, expected));
}

TEST_P(ExceptionEntry, HasTheKernelsGsAndCleanFlags)
{
    UserCode program(GetParam().code);
    model::CpuState before = program.state();
    before.rflags |= arch::rflags::kDirection | arch::rflags::kAlignmentCheck;
    program.set(before);
    program.run_to("exception_dispatch");
    const model::CpuState state = program.state();
    EXPECT_EQ(state.gs.base, program.symbol("per_cpu").value);
    EXPECT_EQ(state.cpl, 0);
    EXPECT_EQ(state.rflags & (arch::rflags::kInterrupt | arch::rflags::kDirection | arch::rflags::kAlignmentCheck |
                              arch::rflags::kTrap | arch::rflags::kNestedTask),
              0u);
}

TEST_P(ExceptionEntry, LeavesTheUsersGsBaseWhereSwapgsFindsIt)
{
    UserCode program(GetParam().code);
    const std::uint64_t user_gs_base = program.state().gs.base;
    program.run_to("exception_dispatch");
    EXPECT_EQ(program.state().kernel_gs_base, user_gs_base);
}

TEST_P(ExceptionEntry, KillsOnlyTheProgram)
{
    UserCode program(GetParam().code);
    const ringcheck::RunEnd end = program.run_to_end();
    EXPECT_EQ(end.kind, ringcheck::EndKind::PowerOff) << end.text;
    EXPECT_NE(program.machine->console().find("killed by SIG"), std::string::npos) << program.machine->console();
}

INSTANTIATE_TEST_SUITE_P(FromRing3, ExceptionEntry,
                         testing::Values(Case{"UD2", {0x0f, 0x0b}, Vector::InvalidOpcode, 0, 0},
                                         Case{"CLI", {0xfa}, Vector::GeneralProtection, 0, 0},
                                         Case{"HLT", {0xf4}, Vector::GeneralProtection, 0, 0},
                                         Case{"IN", {0xe4, 0x60}, Vector::GeneralProtection, 0, 0},
                                         Case{"SWAPGS", {0x0f, 0x01, 0xf8}, Vector::GeneralProtection, 0, 0},
                                         Case{"INT3", {0xcc}, Vector::Breakpoint, 0, 1},
                                         Case{"INT_0x80", {0xcd, 0x80}, Vector::GeneralProtection, 0x80 * 8 + 2, 0},
                                         // mov (%rbx), %rax; mov %rax, (%rbx)
                                         Case{"READ", {0x48, 0x8b, 0x03}, Vector::PageFault, 0x4, 0},
                                         Case{"WRITE", {0x48, 0x89, 0x03}, Vector::PageFault, 0x6, 0},
                                         // div %rcx: RDX is the larger word, so the quotient overflows
                                         Case{"DIV", {0x48, 0xf7, 0xf1}, Vector::DivideError, 0, 0}),
                         [](const auto& info) { return std::string(info.param.name); });

/// #DB has an IST stack, but from ring 3 it must be handled where the thread can also end.
TEST(DebugException, MovesToTheThreadsStackFromRing3)
{
    UserCode program({0x90, 0x90}); // nop; nop
    model::CpuState before = program.state();
    before.rflags |= arch::rflags::kTrap;
    program.set(before);
    const std::uint64_t top =
        program.word_at(arch::VirtAddr{program.symbol("per_cpu").value + offsetof(layout::PerCpu, kernel_rsp)});
    program.run_to("exception_dispatch");
    EXPECT_EQ(program.state()[Gpr::Rdi], top - sizeof(layout::TrapFrame));
    EXPECT_EQ(program.state().gs.base, program.symbol("per_cpu").value);

    layout::TrapFrame expected = frame_of(before, number(Vector::Debug), 0);
    expected.rip = before.rip + 1;
    EXPECT_TRUE(same_frame(program.frame_in_rdi(), expected));
}

TEST(TimerInterrupt, SavesAndRestoresEveryRegister)
{
    UserCode program({0xeb, 0xfe}); // jmp to itself
    const model::CpuState before = program.state();
    program.run_to("interrupt_dispatch");
    EXPECT_TRUE(same_frame(program.frame_in_rdi(), frame_of(before, 32, 0)));

    program.run_to(arch::VirtAddr{before.rip});
    EXPECT_EQ(program.recorder.all.back().kind, TransitionKind::Iret);
    model::CpuState after = program.state();
    EXPECT_EQ(after.gpr, before.gpr);
    EXPECT_EQ(after.rflags, before.rflags);
    EXPECT_EQ(after.gs.base, before.gs.base);
    EXPECT_EQ(after.kernel_gs_base, before.kernel_gs_base);
}

} // namespace
} // namespace support
