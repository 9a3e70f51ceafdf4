// SPDX-License-Identifier: MIT
#include "cpu/cpu_features.h"

#include "arch/control_registers.h"
#include "arch/cpuid.h"
#include "arch/rflags.h"
#include "base/sealed.h"
#include "cpu/cpuid.h"
#include "cpu/registers.h"
#include "layout/selectors.h"

extern "C" {
SEALED std::uint8_t smap_enabled = 0;
void syscall_entry();
}

namespace kernel {
namespace {

/// Everything that a user could have set and that must not follow it into ring 0: all defined flags but bit 1, as
/// Linux masks them.  IF off until the stack is the kernel's; NT would make the next IRETQ fault; AC would open SMAP.
constexpr std::uint64_t kFlagMask =
    arch::rflags::kDefined &
    ~(arch::rflags::kVirtual8086 | arch::rflags::kVirtualInterrupt | arch::rflags::kVirtualInterruptPending);
static_assert(kFlagMask == 0x25'7fd5);

} // namespace

CpuFeatures detect_cpu_features()
{
    using namespace arch::cpuid;
    const auto has = [](std::uint32_t word, std::uint32_t bit) { return (word & bit) != 0; };
    CpuFeatures features;
    const CpuidResult vendor = cpuid(leaf::kVendor);
    const CpuidResult basic = cpuid(leaf::kFeatures);
    features.machine_check = has(basic.edx, kMachineCheckEdx);
    features.global_pages = has(basic.edx, kPgeEdx);
    features.sysenter = has(basic.edx, kSysenterEdx);
    features.xsave = has(basic.ecx, kXsaveEcx);
    features.avx = features.xsave && has(basic.ecx, kAvxEcx);
    features.rdrand = has(basic.ecx, kRdrandEcx);
    if (vendor.eax >= leaf::kStructuredFeatures) {
        const CpuidResult structured = cpuid(leaf::kStructuredFeatures);
        features.smep = has(structured.ebx, kSmepEbx);
        features.smap = has(structured.ebx, kSmapEbx);
        features.rdseed = has(structured.ebx, kRdseedEbx);
        features.umip = has(structured.ecx, kUmipEcx);
    }
    if (features.xsave && vendor.eax >= leaf::kExtendedState) {
        features.xsaveopt = has(cpuid(leaf::kExtendedState, 1).eax, kXsaveoptEax);
    }
    features.rdtscp = has(cpuid(leaf::kExtendedFeatures).edx, kRdtscpEdx);
    if (vendor.ebx == kAmdVendorEbx && cpuid(leaf::kExtendedMaximum).eax >= leaf::kAddressSizes) {
        features.float_pointers_leak = !has(cpuid(leaf::kAddressSizes).ebx, kFloatPointersRestoredEbx);
    }
    return features;
}

void enable_cpu_features(const CpuFeatures& features)
{
    std::uint64_t cr4 = arch::cr4::kPhysicalAddressExtension | arch::cr4::kOsFxsr | arch::cr4::kOsXmmExceptions;
    cr4 |= features.smep ? arch::cr4::kSmep : 0;
    cr4 |= features.smap ? arch::cr4::kSmap : 0;
    cr4 |= features.umip ? arch::cr4::kUserModeInstructionPrevention : 0;
    cr4 |= features.machine_check ? arch::cr4::kMachineCheckEnable : 0;
    cr4 |= features.global_pages ? arch::cr4::kPageGlobalEnable : 0;
    write_cr4(cr4); // which drops every translation when PGE changes  [SDM 3A "Operations that Invalidate TLBs"]
    smap_enabled = features.smap ? 1 : 0;

    clear_debug_registers();
    if (features.rdtscp) {
        write_msr(arch::Msr::IA32_TSC_AUX, 0);
    }
    if (features.sysenter) {
        // With a null IA32_SYSENTER_CS, SYSENTER is #GP.  [SDM 2B SYSENTER]
        write_msr(arch::Msr::IA32_SYSENTER_CS, 0);
        write_msr(arch::Msr::IA32_SYSENTER_ESP, 0);
        write_msr(arch::Msr::IA32_SYSENTER_EIP, 0);
    }
}

void load_syscall_msrs()
{
    const auto entry = reinterpret_cast<std::uint64_t>(&syscall_entry);
    write_msr(arch::Msr::IA32_STAR, layout::kStar);
    write_msr(arch::Msr::IA32_LSTAR, entry);
    // No 32-bit user code segment exists, so compatibility mode cannot be reached; the entry is set all the same.
    write_msr(arch::Msr::IA32_CSTAR, entry);
    write_msr(arch::Msr::IA32_FMASK, kFlagMask);
}

} // namespace kernel
