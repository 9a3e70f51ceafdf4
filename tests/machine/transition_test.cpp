// SPDX-License-Identifier: MIT
// Each crossing, executed by a machine: what the observer is told is what the model says, no register more or less.
#include "arch/exception.h"
#include "model/syscall.h"
#include "model/sysret.h"
#include "support/cpu_state_matchers.h"
#include "support/machine_guest.h"

#include <gtest/gtest.h>

namespace {

using namespace ringcheck;
using support::MachineGuest;
using Kind = TransitionKind;

GUEST_CODE(syscall_then_hlt, R"(
    mov   $0x1234, %eax
    syscall
    hlt
)");
GUEST_CODE(return_by_sysretq, "sysretq");

TEST(MachineTransition, SyscallAndSysretChangeWhatTheModelSays)
{
    MachineGuest guest;
    guest.place(MachineGuest::kUserText, syscall_then_hlt);
    guest.place(MachineGuest::kSyscallText, return_by_sysretq);
    const RunEnd end = guest.run(guest.ring_3());
    EXPECT_EQ(end.kind, EndKind::Halted) << end.text; // the #GP of HLT in ring 3 ends in its handler

    ASSERT_EQ(guest.log.kinds(), (std::vector{Kind::Syscall, Kind::Sysret, Kind::Exception}));
    model::CpuState before = guest.ring_3();
    before[model::Gpr::Rax] = 0x1234;
    before.rip = MachineGuest::kUserText + 5;
    const Transition& entry = guest.log.transitions[0];
    EXPECT_TRUE(same_state(entry.before, before));
    EXPECT_EQ(entry.count, 1u);

    before.rip += 2;
    const auto in_kernel = model::syscall(before, model::Vendor::Intel);
    ASSERT_TRUE(in_kernel.has_value());
    EXPECT_TRUE(same_state(entry.after, *in_kernel));

    const Transition& exit = guest.log.transitions[1];
    EXPECT_TRUE(same_state(exit.before, *in_kernel));
    const auto back = model::sysret(*in_kernel, model::OperandSize::Bits64, model::Vendor::Intel);
    ASSERT_TRUE(back.has_value());
    EXPECT_TRUE(same_state(exit.after, *back));
    EXPECT_EQ(exit.after.rip, MachineGuest::kUserText + 7);
    EXPECT_EQ(guest.log.transitions[2].vector, 13);
    EXPECT_EQ(guest.log.transitions[2].count, 3u);
}

GUEST_CODE(enter_ring_3_by_iretq, R"(
    push  $0x1b          # ss
    push  $0x21ff0       # rsp
    push  $0x2           # rflags
    push  $0x23          # cs
    push  $0x20000       # rip
    iretq
)");
GUEST_CODE(undefined_instruction, "ud2");

TEST(MachineTransition, IretqEntersRing3AndAFaultComesBackOnRsp0)
{
    MachineGuest guest;
    guest.place(MachineGuest::kKernelText, enter_ring_3_by_iretq);
    guest.place(MachineGuest::kUserText, undefined_instruction);
    guest.run(guest.ring_0());

    ASSERT_EQ(guest.log.kinds(), (std::vector{Kind::Iret, Kind::Exception}));
    const Transition& entry = guest.log.transitions[0];
    EXPECT_EQ(entry.before.cpl, 0);
    EXPECT_EQ(entry.after.cpl, 3);
    EXPECT_EQ(entry.after.rip, MachineGuest::kUserText);
    EXPECT_EQ(entry.after[model::Gpr::Rsp], 0x21ff0u);
    const Transition& fault = guest.log.transitions[1];
    EXPECT_EQ(fault.vector, static_cast<std::uint8_t>(arch::Vector::InvalidOpcode));
    EXPECT_EQ(fault.error_code, std::nullopt);
    EXPECT_EQ(fault.after[model::Gpr::Rsp], MachineGuest::Guest::kRsp0 - 5 * 8);
    EXPECT_EQ(guest.word(MachineGuest::Guest::kRsp0 - 5 * 8), MachineGuest::kUserText) << "the pushed RIP";
    EXPECT_EQ(fault.count, 6u) << "a fault retires nothing";
}

GUEST_CODE(read_unmapped, R"(
    nop
    mov   0x3c008, %eax
)");
GUEST_CODE(write_unmapped, "movl $1, 0x3c010");
GUEST_CODE(jump_to_unmapped, R"(
    mov   $0x3c000, %eax
    jmp   *%rax
)");
GUEST_CODE(read_supervisor_page, "mov 0x38000, %eax");

struct PageFaultCase {
    const char* name;
    const support::GuestCode& code;
    std::uint64_t rip, cr2;
    std::uint32_t error_code;
    std::uint64_t count;
};

TEST(MachineTransition, PageFaultsInRing3HaveTheirAddressErrorCodeAndCount)
{
    using namespace arch::page_fault;
    constexpr std::uint64_t kText = MachineGuest::kUserText;
    const PageFaultCase cases[] = {
        {"read", read_unmapped, kText + 1, 0x3c008, kUser, 1},
        {"write", write_unmapped, kText, 0x3c010, kUser | kWrite, 0},
        {"fetch", jump_to_unmapped, 0x3c000, 0x3c000, kUser | kFetch, 2},
        {"supervisor page", read_supervisor_page, kText, 0x38000, kUser | kProtection, 0},
    };
    for (const PageFaultCase& test : cases) {
        SCOPED_TRACE(test.name);
        MachineGuest guest;
        guest.place(kText, test.code);
        guest.run(guest.ring_3());
        ASSERT_EQ(guest.log.kinds(), std::vector{Kind::Exception});
        const Transition& fault = guest.log.transitions[0];
        EXPECT_EQ(fault.vector, static_cast<std::uint8_t>(arch::Vector::PageFault));
        EXPECT_EQ(fault.error_code, test.error_code);
        EXPECT_EQ(fault.before.rip, test.rip);
        EXPECT_EQ(fault.before.cr2, guest.ring_3().cr2) << "CR2 is written by the fault, not before it";
        EXPECT_EQ(fault.after.cr2, test.cr2);
        EXPECT_EQ(fault.count, test.count);
    }
}

GUEST_CODE(fault_twice, R"(
    mov   0x3c008, %eax
    mov   0x3c018, %eax
)");
GUEST_CODE(skip_seven_bytes, R"(
    addq  $7, 8(%rsp)    # over the error code: the pushed RIP
    add   $8, %rsp
    iretq
)");

TEST(MachineTransition, AFaultAfterAnotherIsNoDoubleFault)
{
    MachineGuest guest;
    guest.place(MachineGuest::kUserText, fault_twice);
    guest.place(MachineGuest::handler(14), skip_seven_bytes);
    guest.run(guest.ring_3(), 9); // the third #PF would be the fetch of whatever follows
    ASSERT_GE(guest.log.transitions.size(), 3u);
    EXPECT_EQ(guest.log.transitions[0].vector, 14);
    EXPECT_EQ(guest.log.transitions[1].kind, Kind::Iret);
    EXPECT_EQ(guest.log.transitions[2].vector, 14);
    EXPECT_EQ(guest.log.transitions[2].after.cr2, 0x3c018u);
}

GUEST_CODE(software_interrupts, R"(
    int   $0x80
    int   $0x81
)");
GUEST_CODE(just_iretq, "iretq");

TEST(MachineTransition, IntNNeedsAGateOfItsRing)
{
    MachineGuest guest;
    guest.set_gate(0x80, 0, arch::Ring::User);
    guest.place(MachineGuest::kUserText, software_interrupts);
    guest.place(MachineGuest::handler(0x80), just_iretq);
    guest.run(guest.ring_3());
    ASSERT_EQ(guest.log.kinds(), (std::vector{Kind::SoftwareInterrupt, Kind::Iret, Kind::Exception}));
    EXPECT_EQ(guest.log.transitions[0].vector, 0x80);
    EXPECT_EQ(guest.log.transitions[0].after.rip, MachineGuest::handler(0x80));
    EXPECT_EQ(guest.log.transitions[2].vector, 13);
    EXPECT_EQ(guest.log.transitions[2].error_code, 0x81u * 8 + 2);
    EXPECT_EQ(guest.word(guest.log.transitions[2].after[model::Gpr::Rsp] + 8), MachineGuest::kUserText + 2)
        << "the #GP belongs to the INT";
}

GUEST_CODE(swap_gs_and_reload_cr3, R"(
    swapgs
    mov   %cr3, %rax
    mov   %rax, %cr3
    mov   $0x8000, %eax
    mov   %rax, %cr3
    hlt
)");

TEST(MachineTransition, SwapgsAndAnotherPageTableAreTold)
{
    MachineGuest guest;
    guest.place(MachineGuest::kKernelText, swap_gs_and_reload_cr3);
    guest.guest.set_word(0x8000, guest.guest.word(MachineGuest::Guest::kPml4)); // a second, equal PML4
    guest.run(guest.ring_0());
    ASSERT_EQ(guest.log.kinds(), (std::vector{Kind::GsSwap, Kind::AddressSpace})) << "same table: no transition";
    const Transition& swap = guest.log.transitions[0];
    EXPECT_EQ(swap.after.gs.base, swap.before.kernel_gs_base);
    EXPECT_EQ(swap.after.kernel_gs_base, swap.before.gs.base);
    EXPECT_EQ(guest.log.transitions[1].after.cr3, 0x8000u);
}

TEST(MachineTransition, ADoubleFaultArrivesOnItsOwnStack)
{
    MachineGuest guest;
    guest.place(MachineGuest::kUserText, undefined_instruction);
    guest.guest.set_tss_stack(offsetof(arch::Tss, rsp), MachineGuest::kUnmapped + 0x100); // #UD cannot push: #PF
    guest.set_gate(14);                                                                   // nor can #PF: #DF
    guest.set_gate(8, 1);
    guest.run(guest.ring_3());
    ASSERT_EQ(guest.log.kinds(), std::vector{Kind::Exception});
    EXPECT_EQ(guest.log.transitions[0].vector, 8);
    EXPECT_EQ(guest.log.transitions[0].after[model::Gpr::Rsp], MachineGuest::Guest::kIst1 - 6 * 8);
}

TEST(MachineTransition, ATripleFaultEndsTheRunWithItsChain)
{
    MachineGuest guest;
    guest.place(MachineGuest::kUserText, undefined_instruction);
    model::CpuState state = guest.ring_3();
    state.idtr.limit = 0;
    const RunEnd end = guest.run(state);
    EXPECT_EQ(end.kind, EndKind::Shutdown);
    std::vector<unsigned> vectors;
    for (const model::Fault& fault : end.faults) {
        vectors.push_back(fault.vector);
    }
    EXPECT_EQ(vectors, (std::vector<unsigned>{6, 13, 13, 8, 13})) << "#UD is benign, #GP on #GP is not";
    EXPECT_EQ(end.faults[0].reason, model::Reason::InstructionRule);
    EXPECT_EQ(end.faults[1].reason, model::Reason::GateBeyondIdt);
    EXPECT_NE(end.text.find("triple fault"), std::string::npos);
}

} // namespace
