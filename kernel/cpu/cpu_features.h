// SPDX-License-Identifier: MIT
// What the CPU can do, from CPUID, and which of the protections are switched on.
#pragma once

#include <cstdint>

namespace kernel {

struct CpuFeatures {
    bool smep = false;
    bool smap = false;
    bool umip = false;
    bool machine_check = false;
    bool global_pages = false;
    bool sysenter = false;
    bool rdtscp = false;
    bool xsave = false;
    bool xsaveopt = false;
    bool avx = false;
    bool rdrand = false;
    bool rdseed = false;
    /// AMD, without the fix by which restores write the x87 pointers also when no exception is pending.
    bool float_pointers_leak = false;
};

/// What CPUID offers.  NX, SYSCALL and FXSR are part of every 64-bit CPU that boot.S lets through.
CpuFeatures detect_cpu_features();

/// Sets CR4 whole: PAE, FXSAVE support, and SMEP, SMAP, UMIP and MCE (without which #MC is a shutdown that says
/// nothing) where `features` has them, and PGE, so that the kernel's pages stay in the TLB when CR3 changes.  FSGSBASE
/// stays off, so that only the kernel writes FS and GS base. Clears the debug registers, TSC_AUX and the SYSENTER MSRs,
/// whatever the firmware left there.
void enable_cpu_features(const CpuFeatures& features);

/// Points SYSCALL at syscall_entry: STAR, LSTAR, CSTAR, FMASK.  [SDM 2B SYSCALL]
void load_syscall_msrs();

} // namespace kernel

/// Read by user_copy.S: STAC and CLAC are #UD where SMAP is absent.
extern "C" std::uint8_t smap_enabled;
