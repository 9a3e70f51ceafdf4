// SPDX-License-Identifier: MIT
// Property: every gate's entry saves every register in its own slot, has the kernel's GS, and never trusts the user's
// flags; interrupts give all of it back.  Source: [SDM 3A "64-Bit Mode Stack Frame"].
#include "arch/exception.h"
#include "arch/rflags.h"
#include "layout/per_cpu.h"
#include "support/frame_matchers.h"
#include "transition/user_code.h"

#include <gmock/gmock.h>

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
    const char* killed_by;
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
    EXPECT_NE(program.machine->console().find(std::string("killed by ") + GetParam().killed_by), std::string::npos)
        << program.machine->console();
}

constexpr const char* kGeneralProtection = "SIGSEGV (SI_KERNEL, address 0x0): #GP";

INSTANTIATE_TEST_SUITE_P(
    FromRing3, ExceptionEntry,
    testing::Values(
        Case{"UD2", {0x0f, 0x0b}, Vector::InvalidOpcode, 0, 0, "SIGILL (ILL_ILLOPN, address 0x40"},
        Case{"CLI", {0xfa}, Vector::GeneralProtection, 0, 0, kGeneralProtection},
        Case{"HLT", {0xf4}, Vector::GeneralProtection, 0, 0, kGeneralProtection},
        Case{"IN", {0xe4, 0x60}, Vector::GeneralProtection, 0, 0, kGeneralProtection},
        Case{"SWAPGS", {0x0f, 0x01, 0xf8}, Vector::GeneralProtection, 0, 0, kGeneralProtection},
        Case{"INT3", {0xcc}, Vector::Breakpoint, 0, 1, "SIGTRAP (SI_KERNEL, address 0x0): #BP"},
        Case{"INT_4", {0xcd, 0x04}, Vector::Overflow, 0, 2, "SIGSEGV (SI_KERNEL, address 0x0): #OF"},
        Case{"ICEBP", {0xf1}, Vector::Debug, 0, 1, "SIGTRAP (TRAP_BRKPT, address 0x40"},
        Case{"INT_0x80", {0xcd, 0x80}, Vector::GeneralProtection, 0x80 * 8 + 2, 0, kGeneralProtection},
        // An error code of the CPU's would be missing in the frame of a software interrupt.
        Case{"INT_14", {0xcd, 0x0e}, Vector::GeneralProtection, 14 * 8 + 2, 0, kGeneralProtection},
        Case{"INT_NMI", {0xcd, 0x02}, Vector::GeneralProtection, 2 * 8 + 2, 0, kGeneralProtection},
        // mov (%rbx), %rax; mov %rax, (%rbx)
        Case{"READ", {0x48, 0x8b, 0x03}, Vector::PageFault, 0x4, 0, "SIGSEGV (SEGV_MAPERR, address 0x11223344"},
        Case{"WRITE", {0x48, 0x89, 0x03}, Vector::PageFault, 0x6, 0, "SIGSEGV (SEGV_MAPERR, address 0x11223344"},
        // mov %rax, 0(%rip): the program's text
        Case{"WRITE_TEXT",
             {0x48, 0x89, 0x05, 0, 0, 0, 0},
             Vector::PageFault,
             0x7,
             0,
             "SIGSEGV (SEGV_ACCERR, address 0x40"},
        // This CPU does not offer SYSENTER; where one does, IA32_SYSENTER_CS = 0 makes it #GP.
        Case{"SYSENTER", {0x0f, 0x34}, Vector::InvalidOpcode, 0, 0, "SIGILL (ILL_ILLOPN, address 0x40"},
        // div %rcx: RDX is the larger word, so the quotient overflows
        Case{"DIV", {0x48, 0xf7, 0xf1}, Vector::DivideError, 0, 0, "SIGFPE (FPE_INTDIV, address 0x40"}),
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

/// The code that runs to its end or its fault in ring 3, on a stack of its own, with `flags` set beforehand.
std::string console_after(const std::vector<std::uint8_t>& code, std::uint64_t flags = 0)
{
    UserCode program(code);
    model::CpuState state = program.state();
    state.rflags |= flags;
    program.set(state);
    const ringcheck::RunEnd end = program.run_to_end();
    EXPECT_EQ(end.kind, ringcheck::EndKind::PowerOff) << end.text;
    return program.machine->console();
}

TEST(FaultInRing3, OfAStackAccessIsSigbus)
{
    // bts $63, %rbp; mov (%rbp), %rax
    EXPECT_THAT(console_after({0x48, 0x0f, 0xba, 0xed, 0x3f, 0x48, 0x8b, 0x45, 0x00}),
                testing::HasSubstr("killed by SIGBUS (SI_KERNEL, address 0x0): #SS"));
}

TEST(FaultInRing3, OfAMisalignedAccessWithAcIsSigbus)
{
    // mov 1(%rsp), %eax
    EXPECT_THAT(console_after({0x8b, 0x44, 0x24, 0x01}, arch::rflags::kAlignmentCheck),
                testing::HasSubstr("killed by SIGBUS (BUS_ADRALN, address 0x0): #AC"));
}

TEST(FaultInRing3, OfATracedInstructionIsSigtrap)
{
    EXPECT_THAT(console_after({0x90, 0x90}, arch::rflags::kTrap),
                testing::HasSubstr("killed by SIGTRAP (TRAP_TRACE, address 0x40"));
}

TEST(FaultInRing3, OfAnUnmaskedX87DivisionIsSigfpe)
{
    // push $0x37b (divide by zero unmasked); fldcw (%rsp); fld1; fldz; fdivrp; fwait
    EXPECT_THAT(console_after({0x68, 0x7b, 0x03, 0, 0, 0xd9, 0x2c, 0x24, 0xd9, 0xe8, 0xd9, 0xee, 0xde, 0xf9, 0x9b}),
                testing::HasSubstr("killed by SIGFPE (FPE_FLTDIV, address 0x40"));
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
