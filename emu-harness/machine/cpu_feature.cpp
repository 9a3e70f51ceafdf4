// SPDX-License-Identifier: GPL-2.0-or-later
#include "machine/cpu_feature.h"

#include "arch/cpuid.h"

namespace ringcheck {
namespace {

using model::Features;
namespace leaf = arch::cpuid::leaf;
constexpr auto kEbx = &CpuidResult::ebx, kEcx = &CpuidResult::ecx, kEdx = &CpuidResult::edx;

constexpr CpuFeature kFeatures[] = {
    {"de", &Features::debugging_extensions, leaf::kFeatures, kEdx, 1u << 2, "CR4.DE"},
    {"pse", &Features::page_size_extensions, leaf::kFeatures, kEdx, 1u << 3, "CR4.PSE"},
    {"mce", &Features::machine_check, leaf::kFeatures, kEdx, 1u << 7, "CR4.MCE"},
    {"apic", &Features::apic, leaf::kFeatures, kEdx, arch::cpuid::kApicEdx, "the local APIC"},
    {"pge", &Features::global_pages, leaf::kFeatures, kEdx, arch::cpuid::kPgeEdx, "CR4.PGE"},
    {"monitor", &Features::monitor, leaf::kFeatures, kEcx, 1u << 3, "MONITOR, MWAIT"},
    {"pcid", &Features::pcid, leaf::kFeatures, kEcx, 1u << 17, "CR4.PCIDE"},
    {"x2apic", &Features::x2apic, leaf::kFeatures, kEcx, arch::cpuid::kX2ApicEcx, "the local APIC's MSRs"},
    {"tsc-deadline", &Features::tsc_deadline, leaf::kFeatures, kEcx, arch::cpuid::kTscDeadlineEcx, "IA32_TSC_DEADLINE"},
    {"rdrand", &Features::rdrand, leaf::kFeatures, kEcx, arch::cpuid::kRdrandEcx, "RDRAND"},
    {"fsgsbase", &Features::fs_gs_base, leaf::kStructuredFeatures, kEbx, arch::cpuid::kFsGsBaseEbx,
     "CR4.FSGSBASE, RDFSBASE, WRFSBASE, RDGSBASE, WRGSBASE"},
    {"smep", &Features::smep, leaf::kStructuredFeatures, kEbx, arch::cpuid::kSmepEbx, "CR4.SMEP"},
    {"invpcid", &Features::invpcid, leaf::kStructuredFeatures, kEbx, 1u << 10, "INVPCID"},
    {"rdseed", &Features::rdseed, leaf::kStructuredFeatures, kEbx, 1u << 18, "RDSEED"},
    {"smap", &Features::smap, leaf::kStructuredFeatures, kEbx, arch::cpuid::kSmapEbx, "CR4.SMAP, CLAC, STAC"},
    {"umip", &Features::umip, leaf::kStructuredFeatures, kEcx, arch::cpuid::kUmipEcx, "CR4.UMIP"},
    {"pku", &Features::protection_keys, leaf::kStructuredFeatures, kEcx, 1u << 3, "CR4.PKE, RDPKRU, WRPKRU"},
    {"syscall", &Features::syscall, leaf::kExtendedFeatures, kEdx, arch::cpuid::kSyscallEdx, "EFER.SCE"},
    {"nx", &Features::no_execute, leaf::kExtendedFeatures, kEdx, arch::cpuid::kNoExecuteEdx,
     "EFER.NXE, bit 63 of paging entries"},
    {"rdtscp", &Features::rdtscp, leaf::kExtendedFeatures, kEdx, 1u << 27, "RDTSCP, IA32_TSC_AUX"},
};

} // namespace

std::span<const CpuFeature> cpu_features()
{
    return kFeatures;
}

} // namespace ringcheck
