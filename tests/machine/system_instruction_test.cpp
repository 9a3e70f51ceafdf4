// SPDX-License-Identifier: MIT
// System instructions that the CPU's CPUID does not offer, or that depend on CPL, CR4 or a shadow, in both modes.
#include "arch/debug_registers.h"
#include "arch/exception.h"
#include "support/cpu_state_matchers.h"
#include "support/machine_guest.h"

#include <gtest/gtest.h>

#include <optional>

namespace {

using namespace ringcheck;
using arch::Vector;
using model::CpuState;
using model::Gpr;
using support::MachineGuest;

struct Fault {
    const char* name;
    const support::GuestCode& code;
    Vector vector;
};

/// Each of `faults` in the ring of `ring`, as the first instruction.
void expect_faults(std::span<const Fault> faults, CpuState (MachineGuest::*ring)() const)
{
    for (const Fault& fault : faults) {
        SCOPED_TRACE(fault.name);
        MachineGuest guest;
        CpuState start = (guest.*ring)();
        start[Gpr::Rax] = 1;
        start[Gpr::Rbx] = start.cpl == 0 ? MachineGuest::kData : 0x28000;
        start[Gpr::Rcx] = start[Gpr::Rdx] = 0;
        guest.place(start.rip, fault.code);
        guest.run(start, 1);
        ASSERT_EQ(guest.log.transitions.size(), 1u);
        EXPECT_EQ(guest.log.transitions[0].vector, static_cast<std::uint8_t>(fault.vector));
        EXPECT_TRUE(same_state(guest.log.transitions[0].before, start));
        EXPECT_TRUE(guest.log.unmodelled.empty());
    }
}

GUEST_CODE(sys_monitor, "monitor");
GUEST_CODE(sys_mwait, "mwait");
GUEST_CODE(sys_invpcid, "invpcid (%rbx), %rax");
GUEST_CODE(sys_xgetbv, "xgetbv");
GUEST_CODE(sys_xsetbv, "xsetbv");
GUEST_CODE(sys_rdpkru, "rdpkru");
GUEST_CODE(sys_wrpkru, "wrpkru");
GUEST_CODE(sys_vmcall, "vmcall");
GUEST_CODE(sys_vmmcall, "vmmcall");
GUEST_CODE(sys_vmxoff, "vmxoff");
GUEST_CODE(sys_vmread, "vmread %rax, %rbx");
GUEST_CODE(sys_vmptrld, "vmptrld (%rbx)");
GUEST_CODE(sys_invept, "invept (%rbx), %rax");
GUEST_CODE(sys_vmrun, "vmrun");
GUEST_CODE(sys_clgi, "clgi");
GUEST_CODE(sys_rsm, "rsm");
GUEST_CODE(sys_getsec, "getsec");
GUEST_CODE(sys_rdseed, "rdseed %rax");
GUEST_CODE(sys_xsaves, "xsaves (%rbx)");
GUEST_CODE(sys_rdpmc, "rdpmc");
GUEST_CODE(sys_lmsw, "lmsw %ax");
GUEST_CODE(sys_clts, "clts");
GUEST_CODE(sys_wbinvd, "wbinvd");
GUEST_CODE(sys_invd, "invd");

TEST(SystemInstruction, IsUndefinedWhereCpuidDoesNotOfferIt)
{
    const Fault faults[] = {
        {"monitor", sys_monitor, Vector::InvalidOpcode}, {"mwait", sys_mwait, Vector::InvalidOpcode},
        {"invpcid", sys_invpcid, Vector::InvalidOpcode}, {"xgetbv", sys_xgetbv, Vector::InvalidOpcode},
        {"xsetbv", sys_xsetbv, Vector::InvalidOpcode},   {"rdpkru", sys_rdpkru, Vector::InvalidOpcode},
        {"wrpkru", sys_wrpkru, Vector::InvalidOpcode},   {"vmcall", sys_vmcall, Vector::InvalidOpcode},
        {"vmmcall", sys_vmmcall, Vector::InvalidOpcode}, {"vmxoff", sys_vmxoff, Vector::InvalidOpcode},
        {"vmread", sys_vmread, Vector::InvalidOpcode},   {"vmptrld", sys_vmptrld, Vector::InvalidOpcode},
        {"invept", sys_invept, Vector::InvalidOpcode},   {"vmrun", sys_vmrun, Vector::InvalidOpcode},
        {"clgi", sys_clgi, Vector::InvalidOpcode},       {"rsm", sys_rsm, Vector::InvalidOpcode},
        {"getsec", sys_getsec, Vector::InvalidOpcode},   {"rdseed", sys_rdseed, Vector::InvalidOpcode},
        {"xsaves", sys_xsaves, Vector::InvalidOpcode},
    };
    expect_faults(faults, &MachineGuest::ring_0);
    expect_faults(faults, &MachineGuest::ring_3);
}

TEST(SystemInstruction, IsRefusedInRing3)
{
    const Fault faults[] = {
        {"rdpmc", sys_rdpmc, Vector::GeneralProtection}, {"lmsw", sys_lmsw, Vector::GeneralProtection},
        {"clts", sys_clts, Vector::GeneralProtection},   {"wbinvd", sys_wbinvd, Vector::GeneralProtection},
        {"invd", sys_invd, Vector::GeneralProtection},
    };
    expect_faults(faults, &MachineGuest::ring_3);
}

TEST(SystemInstruction, FindsNoPerformanceCounter)
{
    const Fault faults[] = {{"rdpmc", sys_rdpmc, Vector::GeneralProtection}};
    expect_faults(faults, &MachineGuest::ring_0);
}

TEST(SystemInstruction, LmswSetsButDoesNotClearPe)
{
    MachineGuest guest;
    CpuState start = guest.ring_0();
    start[Gpr::Rax] = 0xffff'fff8; // TS, and what lies above the four bits
    start.cr0 |= arch::cr0::kEmulation;
    guest.place(start.rip, sys_lmsw);
    guest.run(start, 1);
    CpuState expected = start;
    expected.rip += sys_lmsw.bytes().size();
    expected.cr0 = (start.cr0 & ~arch::cr0::kEmulation) | arch::cr0::kTaskSwitched;
    EXPECT_TRUE(same_state(guest.machine->state(), expected));
}

GUEST_CODE(sys_read_dr7, R"(
    mov   %dr7, %rax
)");

TEST(SystemInstruction, MovOfADebugRegisterUnderGeneralDetectIsADebugFault)
{
    MachineGuest guest;
    CpuState start = guest.ring_0();
    start.dr7 |= arch::dr7::kGeneralDetect;
    guest.place(start.rip, sys_read_dr7);
    guest.run(start, 1);
    ASSERT_EQ(guest.log.transitions.size(), 1u);
    const Transition& fault = guest.log.transitions[0];
    EXPECT_EQ(fault.vector, static_cast<std::uint8_t>(Vector::Debug));
    EXPECT_EQ(fault.before.rip, start.rip);
    EXPECT_EQ(fault.after.dr6, arch::dr6::kAlwaysOne | arch::dr6::kDebugRegisterAccess);
    EXPECT_EQ(fault.after.dr7, start.dr7 & ~arch::dr7::kGeneralDetect);
}

GUEST_CODE(sys_enable_thrice, R"(
    sti
    sti
    nop
    sti
    cli
    sti
)");
GUEST_CODE(sys_enable_behind_mov_ss, R"(
    mov   %ax, %ss
    sti
)");

TEST(SystemInstruction, StiCastsAShadowOnlyWhereItSetsTheFlag)
{
    constexpr bool kShadow[] = {true, false, false, false, false, true};
    for (const ExecutionMode mode : {ExecutionMode::Fast, ExecutionMode::Step}) {
        for (std::size_t count = 1; count <= std::size(kShadow); ++count) {
            MachineGuest guest({.ram_bytes = 8u << 20, .mode = mode});
            guest.place(MachineGuest::kKernelText, sys_enable_thrice);
            guest.run(guest.ring_0(), count);
            EXPECT_EQ(guest.machine->state().interrupt_shadow, kShadow[count - 1]) << "behind instruction " << count;
        }
        MachineGuest guest({.ram_bytes = 8u << 20, .mode = mode});
        CpuState start = guest.ring_0();
        start[Gpr::Rax] = MachineGuest::Guest::kKernelData;
        guest.place(MachineGuest::kKernelText, sys_enable_behind_mov_ss);
        guest.run(start, 2);
        EXPECT_TRUE(guest.machine->state().interrupt_shadow);
        EXPECT_FALSE(guest.machine->state().mov_ss_shadow);
    }
}

GUEST_CODE(early_msrs, R"(
    mov   $0x277, %ecx
    rdmsr
    mov   %eax, %r12d
    mov   $0x06060606, %eax
    mov   %eax, %edx
    wrmsr
    rdmsr
    mov   %eax, %r13d
    mov   $0x176, %ecx
    mov   $0x12345678, %eax
    xor   %edx, %edx
    wrmsr
    mov   $0x17, %ecx
    rdmsr
    hlt
)");

TEST(SystemInstruction, KeepsTheMsrsThatKernelsTouchFirst)
{
    for (const model::Vendor vendor : {model::Vendor::Intel, model::Vendor::Amd}) {
        MachineGuest guest({.ram_bytes = 8u << 20, .vendor = vendor});
        guest.place(MachineGuest::kKernelText, early_msrs);
        guest.run(guest.ring_0());
        const CpuState state = guest.machine->state();
        EXPECT_EQ(state[Gpr::R12], 0x0007'0406u);
        EXPECT_EQ(state[Gpr::R13], 0x0606'0606u);
        EXPECT_EQ(state.pat, 0x0606'0606'0606'0606u);
        EXPECT_EQ(state.sysenter_eip, 0x1234'5678u);
        const bool has_platform = guest.log.transitions.empty();
        EXPECT_EQ(has_platform, vendor == model::Vendor::Intel) << "AMD has no IA32_PLATFORM_ID";
    }
}

} // namespace
