// SPDX-License-Identifier: MIT
// Model-specific registers by the manuals' names and numbers, and the fields of IA32_STAR.
// [SDM 4 "Architectural MSRs"; APM 2 "System-Call and System-Return MSRs"]
#pragma once

#include "arch/bits.h"

namespace arch {

enum class Msr : std::uint32_t {
    IA32_TSC = 0x0000'0010,
    IA32_PLATFORM_ID = 0x0000'0017,
    IA32_APIC_BASE = 0x0000'001b,
    IA32_BIOS_SIGN_ID = 0x0000'008b,
    IA32_SYSENTER_CS = 0x0000'0174,
    IA32_SYSENTER_ESP = 0x0000'0175,
    IA32_SYSENTER_EIP = 0x0000'0176,
    IA32_MISC_ENABLE = 0x0000'01a0,
    IA32_PAT = 0x0000'0277,
    IA32_MTRR_DEF_TYPE = 0x0000'02ff,
    IA32_EFER = 0xc000'0080,
    IA32_STAR = 0xc000'0081,
    IA32_LSTAR = 0xc000'0082,
    IA32_CSTAR = 0xc000'0083,
    IA32_FMASK = 0xc000'0084,
    IA32_FS_BASE = 0xc000'0100,
    IA32_GS_BASE = 0xc000'0101,
    IA32_KERNEL_GS_BASE = 0xc000'0102,
    IA32_TSC_AUX = 0xc000'0103,
};

/// IA32_STAR: where SYSCALL and SYSRET take their selectors from.  [SDM 2B SYSCALL, SYSRET "Operation"]
namespace star {
inline constexpr Bits kSyscallBase = bits<47, 32>;
inline constexpr Bits kSysretBase = bits<63, 48>;
} // namespace star

/// IA32_PAT: eight memory types of three bits.  [SDM 3A "IA32_PAT MSR"]
namespace pat {
inline constexpr std::uint64_t kAfterReset = 0x0007'0406'0007'0406;
inline constexpr unsigned kEntries = 8, kEntryBits = 8;
inline constexpr Bits kMemoryType = bits<7, 0>;
} // namespace pat

/// IA32_MISC_ENABLE, those of its bits that a CPU without performance monitoring, SpeedStep and the like has.
/// [SDM 4 "Architectural MSRs"]
namespace misc_enable {
inline constexpr std::uint64_t kFastStrings = 1u << 0;
inline constexpr std::uint64_t kBranchTraceUnavailable = 1u << 11, kEventSamplingUnavailable = 1u << 12; ///< read-only
inline constexpr std::uint64_t kMonitor = 1u << 18;                                 ///< CPUID reports MONITOR
inline constexpr std::uint64_t kLimitCpuid = 1u << 22;                              ///< CPUID has no leaf above 2
inline constexpr std::uint64_t kExecuteDisableUnavailable = std::uint64_t{1} << 34; ///< CPUID does not report NX
inline constexpr std::uint64_t kAfterReset = kFastStrings | kBranchTraceUnavailable | kEventSamplingUnavailable;
} // namespace misc_enable

} // namespace arch
