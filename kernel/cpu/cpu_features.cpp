// SPDX-License-Identifier: MIT
#include "cpu/cpu_features.h"

#include "arch/control_registers.h"
#include "arch/cpuid.h"
#include "arch/rflags.h"
#include "cpu/registers.h"
#include "layout/selectors.h"

extern "C" {
std::uint8_t smap_enabled = 0;
void syscall_entry();
}

namespace kernel {
namespace {

struct CpuidResult {
    std::uint32_t eax, ebx, ecx, edx;
};

CpuidResult cpuid(std::uint32_t leaf)
{
    CpuidResult result{};
    asm volatile("cpuid" : "=a"(result.eax), "=b"(result.ebx), "=c"(result.ecx), "=d"(result.edx) : "a"(leaf), "c"(0));
    return result;
}

/// Everything that a user could have set and that must not follow it into ring 0: all defined flags but bit 1, as
/// Linux masks them.  IF off until the stack is the kernel's; NT would make the next IRETQ fault; AC would open SMAP.
constexpr std::uint64_t kFlagMask =
    arch::rflags::kDefined &
    ~(arch::rflags::kVirtual8086 | arch::rflags::kVirtualInterrupt | arch::rflags::kVirtualInterruptPending);
static_assert(kFlagMask == 0x25'7fd5);

} // namespace

CpuFeatures detect_cpu_features()
{
    CpuFeatures features;
    features.machine_check = (cpuid(arch::cpuid::leaf::kFeatures).edx & arch::cpuid::kMachineCheckEdx) != 0;
    if (cpuid(arch::cpuid::leaf::kVendor).eax >= arch::cpuid::leaf::kStructuredFeatures) {
        const CpuidResult structured = cpuid(arch::cpuid::leaf::kStructuredFeatures);
        features.smep = (structured.ebx & arch::cpuid::kSmepEbx) != 0;
        features.smap = (structured.ebx & arch::cpuid::kSmapEbx) != 0;
        features.umip = (structured.ecx & arch::cpuid::kUmipEcx) != 0;
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
    write_cr4(cr4);
    smap_enabled = features.smap ? 1 : 0;
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
