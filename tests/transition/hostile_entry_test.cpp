// SPDX-License-Identifier: MIT
// Property: nothing that ring 3 leaves in its registers, and no event that hardware could raise, makes an entry do more
// than it should: any stack pointer, any GS base, a breakpoint that MOV SS carries into the kernel (CVE-2018-8897), any
// vector of an external interrupt.
#include "arch/debug_registers.h"
#include "arch/exception.h"
#include "layout/address_map.h"
#include "layout/panic_record.h"
#include "layout/per_cpu.h"
#include "layout/selectors.h"
#include "support/cpu_state_matchers.h"
#include "transition/user_code.h"
#include "uapi/errno.h"

#include <gmock/gmock.h>

namespace support {
namespace {

using model::Gpr;
using ringcheck::EndKind;
using ringcheck::Injection;
using ringcheck::TransitionKind;
using testing::HasSubstr;

const std::vector<std::uint8_t> kSyscall = {0x0f, 0x05, 0xeb, 0xfe}; // syscall; jmp to itself
constexpr std::uint64_t kAfterSyscall = 2;
constexpr std::uint64_t kEnosys = ~static_cast<std::uint64_t>(uapi::Error::Enosys) + 1;

/// Stack pointers that no program needs: null, odd, not canonical, and the kernel's own.
std::vector<std::uint64_t> hostile_stack_pointers(const BootedKernel& kernel)
{
    return {0,
            7,
            std::uint64_t{1} << 47,
            ~std::uint64_t{0},
            layout::kKernelHalf.value,
            kernel.symbol("per_cpu").value + sizeof(layout::PerCpu),
            kernel.symbol("boot_stacks").value + layout::kKernelStackStride};
}

TEST(HostileEntry, ASystemCallWorksWithAnyStackPointer)
{
    UserCode program(kSyscall);
    const ringcheck::Snapshot start = value_or_throw(program.machine->snapshot());
    for (const std::uint64_t rsp : hostile_stack_pointers(program)) {
        SCOPED_TRACE(model::hex(rsp));
        ASSERT_TRUE(program.machine->restore(start));
        model::CpuState expected = program.state();
        expected[Gpr::Rsp] = rsp;
        program.set(expected);
        program.run_to(arch::VirtAddr{expected.rip + kAfterSyscall});
        expected.rip += kAfterSyscall;
        expected[Gpr::Rax] = kEnosys;
        expected[Gpr::Rcx] = expected.rip;
        expected[Gpr::R11] = expected.rflags;
        model::CpuState after = program.state();
        after.cs = expected.cs; // the limit's form is SYSRET's
        after.ss = expected.ss;
        EXPECT_TRUE(same_state(after, expected));
    }
}

/// INT3 pushes through RSP0, so the user's RSP is just a word; the program is killed as with any other.
TEST(HostileEntry, AnExceptionWorksWithAnyStackPointer)
{
    UserCode program({0xcc}); // int3
    const ringcheck::Snapshot start = value_or_throw(program.machine->snapshot());
    for (const std::uint64_t rsp : hostile_stack_pointers(program)) {
        SCOPED_TRACE(model::hex(rsp));
        ASSERT_TRUE(program.machine->restore(start));
        model::CpuState state = program.state();
        state[Gpr::Rsp] = rsp;
        program.set(state);
        EXPECT_EQ(program.run_to_end().kind, EndKind::PowerOff);
        EXPECT_THAT(program.machine->console(), HasSubstr("killed by SIGTRAP"));
    }
}

/// No program can have such a base while CR4.FSGSBASE is off; an NMI's handler must not depend on that.
TEST(HostileEntry, AnNmiKeepsAGsBaseThatLooksLikeTheKernels)
{
    for (const std::uint64_t base : {std::uint64_t{0xffff'8000'dead'beef}, ~std::uint64_t{0}}) {
        UserCode program(kSyscall);
        model::CpuState state = program.state();
        state.gs.base = base;
        program.set(state);
        const ringcheck::Snapshot start = value_or_throw(program.machine->snapshot());
        const std::uint64_t begin = program.machine->instruction_count();
        constexpr unsigned kInstructions = 70; // the whole call
        for (unsigned i = 0; i < kInstructions; ++i) {
            ASSERT_TRUE(program.machine->restore(start));
            program.machine->inject_at(begin + i, {Injection::Kind::Nmi});
            program.run_to(arch::VirtAddr{state.rip + kAfterSyscall});
            ASSERT_EQ(program.state().gs.base, base) << i;
            ASSERT_EQ(program.state().kernel_gs_base, program.symbol("per_cpu").value) << i;
        }
    }
}

/// MOV SS holds the #DB of its own operand back; what follows enters the kernel, and the #DB comes there.
TEST(HostileEntry, ABreakpointThatMovSsCarriesIntoTheKernelIsHarmless)
{
    constexpr std::uint16_t kUserData = layout::kUserData;
    UserCode program({0x8e, 0x14, 0x24, 0x0f, 0x05, 0xeb, 0xfe}); // mov (%rsp), %ss; syscall; jmp to itself
    model::CpuState state = program.state();
    state[Gpr::Rsp] -= 64;
    program.set_word(arch::VirtAddr{state[Gpr::Rsp]}, kUserData);
    const std::uint64_t end = state.rip + 3 + kAfterSyscall;
    const ringcheck::Snapshot start = value_or_throw(program.machine->snapshot());
    program.set(state);
    program.run_to(arch::VirtAddr{end});
    model::CpuState expected = program.state();

    ASSERT_TRUE(program.machine->restore(start));
    constexpr std::uint64_t kReadOrWrite = 3u << 16, kTwoBytes = 1u << 18;
    expected.dr0 = state.dr0 = state[Gpr::Rsp];
    state.dr7 = arch::dr7::kAlwaysOne | 1 | kReadOrWrite | kTwoBytes;
    program.set(state);
    program.recorder.all.clear();
    program.run_to(arch::VirtAddr{end});
    bool in_the_kernel = false;
    for (const ringcheck::Transition& transition : program.recorder.all) {
        in_the_kernel |= transition.kind == TransitionKind::Exception && transition.vector == 1 &&
                         transition.before.rip == program.symbol("syscall_entry").value;
    }
    EXPECT_TRUE(in_the_kernel);
    EXPECT_TRUE(same_state(program.state(), expected)); // DR7 is clear again
}

/// Vectors below 32 are the CPU's own; neither the 8259 nor a local APIC is programmed to send them.
TEST(HostileEntry, NoExternalVectorDoesAnything)
{
    UserCode program({0x90, 0xeb, 0xfe}); // nop; jmp to itself
    const model::CpuState before = program.state();
    const ringcheck::Snapshot start = value_or_throw(program.machine->snapshot());
    for (unsigned vector = arch::kExceptionVectors; vector < arch::kVectors; ++vector) {
        SCOPED_TRACE(vector);
        ASSERT_TRUE(program.machine->restore(start));
        program.recorder.all.clear();
        program.machine->inject_at(program.machine->instruction_count(),
                                   {Injection::Kind::Interrupt, static_cast<std::uint8_t>(vector)});
        program.run_to(arch::VirtAddr{before.rip + 1});
        ASSERT_EQ(program.recorder.all.front().vector, vector);
        model::CpuState expected = before;
        expected.rip += 1;
        ASSERT_TRUE(same_state(program.state(), expected));
    }
}

/// A handler on an IST stack that fails in its turn still says where.
TEST(HostileEntry, AFaultInAnNmisHandlerIsAPanicThatNamesIt)
{
    UserCode program(kSyscall);
    program.machine->inject_at(program.machine->instruction_count(), {Injection::Kind::Nmi});
    program.run_to("exception_dispatch");
    model::CpuState state = program.state();
    state[Gpr::Rdi] = std::uint64_t{1} << 47; // the TrapFrame&
    program.set(state);
    const ringcheck::RunEnd end = program.run_to_end();
    EXPECT_EQ(end.kind, EndKind::DebugExit) << end.text;
    EXPECT_EQ(end.value, layout::kExitPanic);
    EXPECT_THAT(program.machine->console(), HasSubstr("KERNEL PANIC: #GP"));
    EXPECT_THAT(program.machine->console(), HasSubstr(" exception_dispatch+0x"));
    EXPECT_THAT(program.machine->console(), HasSubstr(" ist_entry+0x"));
    const arch::VirtAddr record = program.symbol("panic_record");
    EXPECT_EQ(program.word_at(record), layout::PanicRecord::kMagic);
}

} // namespace
} // namespace support
