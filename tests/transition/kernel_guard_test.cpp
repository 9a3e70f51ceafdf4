// SPDX-License-Identifier: MIT
// Property: each protection that `wards` lists acts.  The kernel is made to do what the protection forbids, at the
// place of a real system call, and has to panic; what a program does ends the program.
// [SDM 3A "Access Rights", "Protection Keys"; SDM 2B SGDT, RDPMC]
#include "arch/control_registers.h"
#include "layout/address_map.h"
#include "layout/panic_record.h"
#include "transition/user_code.h"
#include "uapi/errno.h"
#include "uapi/files.h"
#include "uapi/syscalls.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

namespace support {
namespace {

using model::Gpr;
using testing::HasSubstr;

const std::vector<std::uint8_t> kSyscall = {0x0f, 0x05, 0xeb, 0xfe}; // syscall; jmp to itself

class KernelGuard : public testing::Test {
protected:
    KernelGuard() { program.run_to("syscall_dispatch"); }

    /// The console, after a panic that the kernel has to come to from `state`.
    std::string panic_from(const model::CpuState& state)
    {
        program.set(state);
        const ringcheck::RunEnd end = program.run_to_end();
        EXPECT_EQ(end.kind, ringcheck::EndKind::DebugExit) << end.text;
        EXPECT_EQ(end.value, layout::kExitPanic);
        return program.machine->console();
    }

    /// memset(address, 0, 8) in the kernel.
    std::string panic_of_a_write_to(arch::VirtAddr address)
    {
        model::CpuState state = program.state();
        state.rip = program.symbol("memset").value;
        state[Gpr::Rdi] = address.value;
        state[Gpr::Rsi] = 0;
        state[Gpr::Rdx] = 8;
        return panic_from(state);
    }

    UserCode program{kSyscall};
    std::uint64_t user_rip = program.state().rip; // before the constructor has run the system call
};

TEST_F(KernelGuard, SmepStopsAJumpIntoTheProgram)
{
    model::CpuState state = program.state();
    state.rip = user_rip;
    EXPECT_THAT(panic_from(state), HasSubstr("#PF execute of 0x40"));
}

TEST_F(KernelGuard, SmapStopsAnAccessToTheProgram)
{
    model::CpuState state = program.state();
    state[Gpr::Rdi] = user_rip & ~std::uint64_t{0xfff}; // where syscall_dispatch reads the frame
    EXPECT_THAT(panic_from(state), HasSubstr("protection, kernel"));
}

TEST_F(KernelGuard, WriteProtectStopsAWriteToConstants)
{
    EXPECT_THAT(panic_of_a_write_to(program.symbol("rodata_begin")), HasSubstr("protection, kernel"));
}

TEST_F(KernelGuard, WriteProtectStopsAWriteToText)
{
    EXPECT_THAT(panic_of_a_write_to(program.symbol("syscall_entry")), HasSubstr("protection, kernel"));
}

TEST_F(KernelGuard, SealStopsAWriteToWhatBootDecided)
{
    EXPECT_THAT(panic_of_a_write_to(program.symbol("smap_enabled")), HasSubstr("protection, kernel"));
}

TEST_F(KernelGuard, SealCoversTheDescriptorTables)
{
    const model::CpuState state = program.state();
    for (const std::uint64_t table : {state.gdtr.base, state.idtr.base}) {
        EXPECT_GE(table, program.symbol("sealed_begin").value);
        EXPECT_LT(table, program.symbol("sealed_end").value);
    }
}

TEST_F(KernelGuard, SealAlsoHoldsInThePhysicalMap)
{
    const std::uint64_t physical = program.symbol("smap_enabled") - program.distance - layout::kKernelImage;
    EXPECT_THAT(panic_of_a_write_to(layout::kPhysicalMap + physical), HasSubstr("protection, kernel"));
}

TEST_F(KernelGuard, NoExecuteStopsAJumpIntoData)
{
    model::CpuState state = program.state();
    state.rip = program.symbol("per_cpu").value;
    EXPECT_THAT(panic_from(state), HasSubstr(fmt::format("#PF execute of {:#x}", state.rip)));
}

TEST_F(KernelGuard, GuardPageLiesBelowEveryStaticStack)
{
    const arch::VirtAddr stacks = program.symbol("boot_stacks");
    const model::CpuState state = program.state();
    for (unsigned slot = 0; slot <= layout::kIstCount; ++slot) {
        const arch::VirtAddr guard = stacks + slot * layout::kKernelStackStride;
        EXPECT_FALSE(program.machine->read_virtual_u64(state, guard)) << "slot " << slot;
        EXPECT_FALSE(program.machine->read_virtual_u64(state, guard + arch::kPageSize - 8)) << "slot " << slot;
        EXPECT_TRUE(program.machine->read_virtual_u64(state, guard + arch::kPageSize)) << "slot " << slot;
    }
}

/// write(1, the program's text, 8) has a buffer on its stack; the canary behind it is overwritten.
TEST_F(KernelGuard, CanaryStopsAnOverwrittenStack)
{
    const arch::VirtAddr frame{program.state()[Gpr::Rdi]};
    program.set_word(frame + offsetof(layout::TrapFrame, rax), static_cast<std::uint64_t>(uapi::Syscall::Write));
    program.set_word(frame + offsetof(layout::TrapFrame, rdi), uapi::kStandardOutput);
    program.set_word(frame + offsetof(layout::TrapFrame, rsi), user_rip);
    program.set_word(frame + offsetof(layout::TrapFrame, rdx), 8);
    program.run_to("copy_user_bytes");
    const std::uint64_t canary = program.word_at(program.symbol("__stack_chk_guard"));
    unsigned found = 0;
    for (arch::VirtAddr at{program.state()[Gpr::Rsp]}; at < frame; at += 8) {
        if (program.word_at(at) == canary) {
            program.set_word(at, canary ^ 0x4141);
            ++found;
        }
    }
    EXPECT_GT(found, 0u);
    EXPECT_THAT(panic_from(program.state()), HasSubstr("KERNEL PANIC: a stack canary was overwritten"));
}

std::uint64_t canary_of_a_boot(const std::string& command_line)
{
    BootedKernel kernel{{"poweroff"}, {}, command_line};
    EXPECT_EQ(kernel.run_to_end().kind, ringcheck::EndKind::PowerOff);
    return kernel.word_at(kernel.symbol("__stack_chk_guard"));
}

TEST(StackCanary, IsAnotherOneForEachSeedAndTheSameForOne)
{
    const std::uint64_t one = canary_of_a_boot("seed=1");
    EXPECT_EQ(canary_of_a_boot("seed=1"), one);
    EXPECT_NE(canary_of_a_boot("seed=2"), one);
    EXPECT_NE(canary_of_a_boot(""), one);
    EXPECT_EQ(one & 0xff, 0u) << "a string operation can step over it";
    EXPECT_NE(one, 0u);
}

std::string console_after(const std::vector<std::uint8_t>& code)
{
    UserCode program(code);
    EXPECT_EQ(program.run_to_end().kind, ringcheck::EndKind::PowerOff);
    return program.machine->console();
}

TEST(UserGuard, UmipStopsInstructionsThatTellTheKernelsAddresses)
{
    // sgdt (%rsp); sidt (%rsp); sldt %eax; str %eax; smsw %eax
    for (const std::vector<std::uint8_t>& code : std::vector<std::vector<std::uint8_t>>{{0x0f, 0x01, 0x04, 0x24},
                                                                                        {0x0f, 0x01, 0x0c, 0x24},
                                                                                        {0x0f, 0x00, 0xc0},
                                                                                        {0x0f, 0x00, 0xc8},
                                                                                        {0x0f, 0x01, 0xe0}}) {
        EXPECT_THAT(console_after(code), HasSubstr("killed by SIGSEGV (SI_KERNEL, address 0x0): #GP"));
    }
}

/// RDTSC is everybody's, as on Linux; performance counters nobody's.
TEST(UserGuard, TimeStampsAreOpenAndPerformanceCountersClosed)
{
    UserCode program({0x0f, 0x31, 0xeb, 0xfe}); // rdtsc; jmp to itself
    const std::uint64_t begin = program.state().rip;
    program.run_to(arch::VirtAddr{begin + 2});
    EXPECT_EQ(program.state().cr4 & (arch::cr4::kTimeStampDisable | arch::cr4::kPerformanceCounterEnable), 0u);
    EXPECT_THAT(console_after({0x0f, 0x33}), HasSubstr("killed by SIGSEGV (SI_KERNEL, address 0x0): #GP"));
}

} // namespace
} // namespace support
