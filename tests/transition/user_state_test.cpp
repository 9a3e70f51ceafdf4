// SPDX-License-Identifier: MIT
// Property: what the CPU holds of a program beside its trap frame is its own: it comes back after another program has
// run, and only addresses of user space can be FS and GS base.  Source: [arch_prctl(2); SDM 3A "IA32_FS_BASE"].
#include "arch/segment.h"
#include "arch/tss.h"
#include "layout/address_map.h"
#include "layout/selectors.h"
#include "transition/user_code.h"
#include "uapi/arch_prctl.h"
#include "uapi/errno.h"
#include "uapi/syscalls.h"

#include <gtest/gtest.h>

namespace support {
namespace {

using model::Gpr;

constexpr std::uint64_t failure(uapi::Error error)
{
    return ~static_cast<std::uint64_t>(error) + 1;
}

/// A program that calls arch_prctl once, and stands behind the call then.
class ArchPrctl : public testing::Test {
protected:
    std::uint64_t call(std::uint64_t code, std::uint64_t argument)
    {
        model::CpuState state = program.state();
        state.rip = begin;
        state[Gpr::Rax] = static_cast<std::uint64_t>(uapi::Syscall::ArchPrctl);
        state[Gpr::Rdi] = code;
        state[Gpr::Rsi] = argument;
        program.set(state);
        program.run_to(arch::VirtAddr{begin + 2});
        return program.state()[Gpr::Rax];
    }

    UserCode program{{0x0f, 0x05, 0xeb, 0xfe}}; // syscall; jmp to itself
    std::uint64_t begin = program.state().rip;
    std::uint64_t stack = program.state()[Gpr::Rsp] - 8;
};

TEST_F(ArchPrctl, SetsAndTellsEachBase)
{
    constexpr std::uint64_t kFs = 0x1234'5678'9000, kGs = 0x7fff'ffff'dfff;
    EXPECT_EQ(call(uapi::kArchSetFs, kFs), 0u);
    EXPECT_EQ(call(uapi::kArchSetGs, kGs), 0u);
    EXPECT_EQ(program.state().fs.base, kFs);
    EXPECT_EQ(program.state().gs.base, kGs);
    EXPECT_EQ(program.state().kernel_gs_base, program.symbol("per_cpu").value);
    EXPECT_EQ(call(uapi::kArchGetFs, stack), 0u);
    EXPECT_EQ(program.word_at(arch::VirtAddr{stack}), kFs);
    EXPECT_EQ(call(uapi::kArchGetGs, stack), 0u);
    EXPECT_EQ(program.word_at(arch::VirtAddr{stack}), kGs);
}

/// 1 << 47 and above would be a #GP of WRMSR in the kernel; kernel addresses would not even be that.
TEST_F(ArchPrctl, RefusesEveryBaseOutsideUserSpace)
{
    for (const std::uint64_t code : {uapi::kArchSetFs, uapi::kArchSetGs}) {
        for (const std::uint64_t base : {layout::kUserEnd.value, std::uint64_t{1} << 47, ~std::uint64_t{0},
                                         layout::kKernelHalf.value, program.symbol("per_cpu").value}) {
            EXPECT_EQ(call(code, base), failure(uapi::Error::Eperm)) << std::hex << base;
        }
    }
    EXPECT_EQ(program.state().fs.base, 0u);
    EXPECT_EQ(program.state().gs.base, 0u);
}

TEST_F(ArchPrctl, TakesItsCodeAsAnIntAndKnowsNoOther)
{
    EXPECT_EQ(call(uapi::kArchSetFs | 0xdead'beef'0000'0000, 0x5000), 0u);
    EXPECT_EQ(program.state().fs.base, 0x5000u);
    EXPECT_EQ(call(0x1000, 0), failure(uapi::Error::Einval));
    EXPECT_EQ(call(uapi::kArchGetFs, 0), failure(uapi::Error::Efault));
    EXPECT_EQ(call(uapi::kArchGetFs, layout::kKernelHalf.value), failure(uapi::Error::Efault));
}

/// Two programs that compute; the first one's bases are given to it before its first instruction.
TEST(UserState, ComesBackAfterAnotherProgramHasRun)
{
    constexpr std::uint64_t kFs = 0x1111'0000, kGs = 0x2222'0000;
    BootedKernel kernel{{"run counter &", "run counter", "poweroff"}};
    kernel.run_to_ring3();
    model::CpuState state = kernel.machine->state();
    state.fs.base = kFs;
    state.gs.base = kGs;
    kernel.machine->set_state(state);
    kernel.recorder.all.clear();
    const std::uint64_t own = state.cr3;
    kernel.run_to_end();
    bool other_ran = false, came_back = false;
    for (const ringcheck::Transition& transition : kernel.recorder.all) {
        if (transition.before.cpl == 3 || transition.after.cpl != 3) {
            continue;
        }
        const bool is_own = transition.after.cr3 == own;
        other_ran |= !is_own;
        came_back |= is_own && other_ran;
        ASSERT_EQ(transition.after.fs.base, is_own ? kFs : 0);
        ASSERT_EQ(transition.after.gs.base, is_own ? kGs : 0);
    }
    EXPECT_TRUE(came_back);
}

/// A timer interrupt leaves SS null, and AMD's SYSRET keeps what SS holds beside its selector.  So the first program,
/// which comes back from sched_yield, must not get what the interrupt of the second one has left.
TEST(UserState, HasAStackSegmentAlsoAfterAnInterruptOfAnotherProgram)
{
    // mov $24, %eax; syscall; jmp to the start
    UserCode kernel({0xb8, 0x18, 0, 0, 0, 0x0f, 0x05, 0xeb, 0xf7}, {.vendor = model::Vendor::Amd}, "",
                    {"run counter &", "run counter", "poweroff"});
    const std::uint64_t own = kernel.state().cr3;
    kernel.run_to_ring3();
    kernel.plant({0xeb, 0xfe}); // the second one: jmp to itself
    kernel.machine->run({.instructions = kernel.machine->instruction_count() + 50'000'000});
    unsigned after_an_interrupt = 0;
    bool interrupted = false;
    for (const ringcheck::Transition& transition : kernel.recorder.all) {
        interrupted |= transition.kind == ringcheck::TransitionKind::Interrupt && transition.before.cr3 != own;
        if (transition.kind == ringcheck::TransitionKind::Sysret && transition.after.cr3 == own) {
            after_an_interrupt += interrupted ? 1 : 0;
            interrupted = false;
            ASSERT_TRUE(transition.after.ss.present()) << "after " << after_an_interrupt << " interrupts";
        }
    }
    EXPECT_GT(after_an_interrupt, 3u) << kernel.machine->console();
}

TEST(FirmwaresRegisters, AreGoneInRing3)
{
    BootedKernel kernel{{"run hello", "poweroff"}};
    model::CpuState state = kernel.machine->state();
    state.dr0 = state.dr1 = state.dr2 = state.dr3 = 0x1234;
    state.dr6 |= 0xf;
    state.tsc_aux = 0x1234;
    kernel.machine->set_state(state);
    kernel.run_to_ring3();
    state = kernel.machine->state();
    EXPECT_EQ(state.dr0 | state.dr1 | state.dr2 | state.dr3, 0u);
    EXPECT_EQ(state.dr6, arch::dr6::kAlwaysOne);
    EXPECT_EQ(state.dr7, arch::dr7::kAlwaysOne);
    EXPECT_EQ(state.tsc_aux, 0u); // RDTSCP tells it
}

class Tables : public testing::Test {
protected:
    Tables() { kernel.run_to_ring3(); }

    BootedKernel kernel{{"run hello", "poweroff"}};
};

TEST_F(Tables, AllowNoPortInRing3)
{
    const model::SegmentRegister tr = kernel.machine->state().tr;
    const std::uint64_t word = kernel.word_at(arch::VirtAddr{tr.base + offsetof(arch::Tss, io_map_base) - 6});
    EXPECT_GT(word >> 48, tr.limit);
}

TEST_F(Tables, HaveTwoDescriptorsForRing3AndNoLdt)
{
    const model::CpuState state = kernel.machine->state();
    EXPECT_EQ(state.ldtr.selector, 0);
    std::vector<std::uint64_t> open;
    for (std::uint64_t at = 8; at + 7 <= state.gdtr.limit; at += 8) {
        const std::uint64_t word = kernel.word_at(arch::VirtAddr{state.gdtr.base + at});
        if (at == (layout::kTssSelector & ~7)) {
            at += 8; // its second word is an address
        } else if (arch::SegmentDescriptor::kDpl.get(word) == 3) {
            open.push_back(at | 3);
        }
    }
    EXPECT_EQ(open, (std::vector<std::uint64_t>{layout::kUserData, layout::kUserCode}));
}

} // namespace
} // namespace support
