// SPDX-License-Identifier: GPL-2.0-or-later
// What CPUID offers beyond what every modelled CPU has.  Without a feature its control bits are reserved, its
// instructions #UD and its MSRs #GP.  [SDM 2A CPUID; APM 3 "CPUID"]
#pragma once

#include "arch/control_registers.h"
#include "model/vendor.h"

#include <cstdint>

namespace ringcheck::model {

/// At first those of the Intel profile.
struct Features {
    bool debugging_extensions = true; ///< DE: CR4.DE
    bool page_size_extensions = true; ///< PSE: CR4.PSE
    bool machine_check = true;        ///< MCE: CR4.MCE
    bool global_pages = true;         ///< PGE: CR4.PGE
    bool apic = true;                 ///< the local APIC, its page and IA32_APIC_BASE
    bool x2apic = true;               ///< its MSRs
    bool tsc_deadline = true;         ///< its timer's third mode, IA32_TSC_DEADLINE
    bool syscall = true;              ///< EFER.SCE
    bool no_execute = true;           ///< NX: EFER.NXE
    bool rdtscp = true;               ///< RDTSCP, IA32_TSC_AUX
    bool rdrand = true;
    bool rdseed = false;
    bool fs_gs_base = true;          ///< CR4.FSGSBASE, RDFSBASE and its kin
    bool smep = true;                ///< CR4.SMEP
    bool smap = true;                ///< CR4.SMAP, CLAC, STAC
    bool umip = true;                ///< CR4.UMIP
    bool protection_keys = false;    ///< PKU: CR4.PKE, RDPKRU, WRPKRU
    bool pcid = false;               ///< CR4.PCIDE
    bool invpcid = false;            ///< INVPCID
    bool xsave = false;              ///< CR4.OSXSAVE, XGETBV, XSETBV
    bool monitor = false;            ///< MONITOR and MWAIT, without extensions
    bool virtual_interrupts = false; ///< VME: CR4.PVI
    /// XCR0 bits that exist with XSAVE.
    std::uint64_t extended_state = arch::xcr0::kX87 | arch::xcr0::kSse;

    constexpr bool operator==(const Features&) const = default;
};

/// Those of the vendor's CPU when nobody asks for others.
constexpr Features default_features(Vendor vendor)
{
    Features features;
    features.x2apic = features.tsc_deadline = vendor == Vendor::Intel;
    return features;
}

} // namespace ringcheck::model
