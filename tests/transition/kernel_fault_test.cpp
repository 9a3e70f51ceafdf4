// SPDX-License-Identifier: MIT
// Property: a fault of the kernel's own ends in a panic that says where, even when the stack is the fault; a fault that
// a program brought about on the way back to ring 3 ends the program only.
#include "layout/address_map.h"
#include "layout/panic_record.h"
#include "transition/user_code.h"
#include "uapi/syscalls.h"

#include <gtest/gtest.h>

namespace support {
namespace {

using model::Gpr;

const std::vector<std::uint8_t> kSyscall = {0x0f, 0x05, 0xeb, 0xfe}; // syscall; jmp to itself
constexpr std::uint64_t kNonCanonical = 0x0000'8000'0000'0000;

class KernelFault : public testing::Test {
protected:
    KernelFault() { program.run_to("syscall_dispatch"); }

    void expect_panic(const ringcheck::RunEnd& end)
    {
        EXPECT_EQ(end.kind, ringcheck::EndKind::DebugExit) << end.text;
        EXPECT_EQ(end.value, layout::kExitPanic);
        EXPECT_TRUE(console_has("KERNEL PANIC: "));
        EXPECT_EQ(program.word_at(program.symbol("panic_record")), layout::PanicRecord::kMagic);
    }

    bool console_has(const std::string& text) { return program.machine->console().find(text) != std::string::npos; }

    UserCode program{kSyscall};
};

TEST_F(KernelFault, PrintsRegistersAndASymbolisedBacktrace)
{
    // exit(2), some calls deep, returns to an address that somebody has overwritten.
    program.set_word(arch::VirtAddr{program.state()[Gpr::Rdi] + offsetof(layout::TrapFrame, rax)},
                     static_cast<std::uint64_t>(uapi::Syscall::Exit));
    program.run_to("landmark_process_ended");
    program.set_word(arch::VirtAddr{program.state()[Gpr::Rsp]}, kNonCanonical);
    expect_panic(program.run_to_end());
    EXPECT_TRUE(console_has("KERNEL PANIC: #GP"));
    EXPECT_TRUE(console_has("rip=0xffffffff")) << program.machine->console();
    EXPECT_TRUE(console_has("Backtrace:\n") || console_has("Backtrace:\r\n"));
    EXPECT_TRUE(console_has(" landmark_process_ended+0x")) << program.machine->console();
    EXPECT_TRUE(console_has(" syscall_entry+0x")) << program.machine->console();
}

TEST_F(KernelFault, OnAnOverflownStackIsADoubleFaultWithItsOwnStack)
{
    model::CpuState state = program.state();
    const std::uint64_t bottom = state[Gpr::Rdi] + sizeof(layout::TrapFrame) - layout::kKernelStackSize;
    state[Gpr::Rsp] = bottom; // the next push is in the guard page
    program.set(state);
    expect_panic(program.run_to_end());
    EXPECT_TRUE(console_has("KERNEL PANIC: #DF")) << program.machine->console();
}

TEST_F(KernelFault, OfTheReturnToRing3KillsTheProgramOnly)
{
    // What a broken sigreturn would do: the frame's RIP is not canonical, so IRETQ faults in ring 0 with the user's GS.
    program.set_word(arch::VirtAddr{program.state()[Gpr::Rdi] + offsetof(layout::TrapFrame, rip)}, kNonCanonical);
    program.run_to("exception_dispatch");
    EXPECT_EQ(program.frame_in_rdi().rip, program.symbol("iretq_to_user").value);
    EXPECT_EQ(program.state().gs.base, program.symbol("per_cpu").value);
    const ringcheck::RunEnd end = program.run_to_end();
    EXPECT_EQ(end.kind, ringcheck::EndKind::PowerOff) << end.text << program.machine->console();
    EXPECT_TRUE(console_has("killed by SIGSEGV (SI_KERNEL, address 0x0): #GP at 0x800000000000 "))
        << program.machine->console();
    EXPECT_FALSE(console_has("PANIC"));
}

} // namespace
} // namespace support
