// SPDX-License-Identifier: MIT
// The CPUID feature bits that the kernel and the harness look at.  [SDM 2A CPUID; APM 3 "CPUID"]
#pragma once

#include "arch/bits.h"

namespace arch::cpuid {

namespace leaf {
inline constexpr std::uint32_t kVendor = 0;
inline constexpr std::uint32_t kFeatures = 1;
inline constexpr std::uint32_t kStructuredFeatures = 7;
inline constexpr std::uint32_t kExtendedState = 0xd;
inline constexpr std::uint32_t kExtendedMaximum = 0x8000'0000;
inline constexpr std::uint32_t kExtendedFeatures = 0x8000'0001;
inline constexpr std::uint32_t kAddressSizes = 0x8000'0008;
} // namespace leaf

/// Leaf 1, EDX and ECX.
inline constexpr std::uint32_t kMachineCheckEdx = 1u << 7;
inline constexpr std::uint32_t kSysenterEdx = 1u << 11;
inline constexpr std::uint32_t kFxsrEdx = 1u << 24;
inline constexpr std::uint32_t kPgeEdx = 1u << 13;
inline constexpr std::uint32_t kApicEdx = 1u << 9; ///< IA32_APIC_BASE.EN as well
inline constexpr std::uint32_t kX2ApicEcx = 1u << 21;
inline constexpr std::uint32_t kTscDeadlineEcx = 1u << 24;
inline constexpr std::uint32_t kXsaveEcx = 1u << 26;
inline constexpr std::uint32_t kOsXsaveEcx = 1u << 27;
inline constexpr std::uint32_t kAvxEcx = 1u << 28;
inline constexpr std::uint32_t kRdrandEcx = 1u << 30;
/// Leaf 7 subleaf 0, EBX and ECX.
inline constexpr std::uint32_t kFsGsBaseEbx = 1u << 0;
inline constexpr std::uint32_t kSmepEbx = 1u << 7;
inline constexpr std::uint32_t kRdseedEbx = 1u << 18;
inline constexpr std::uint32_t kSmapEbx = 1u << 20;
inline constexpr std::uint32_t kUmipEcx = 1u << 2;
/// Leaf 0xd subleaf 1, EAX.
inline constexpr std::uint32_t kXsaveoptEax = 1u << 0;
/// Leaf 0, EBX: the first four letters of "AuthenticAMD".
inline constexpr std::uint32_t kAmdVendorEbx = 0x6874'7541;
/// Leaf 0x80000008, EBX: restores write the x87 pointers always (RstrFpErrPtrs).  [APM 3 "CPUID"]
inline constexpr std::uint32_t kFloatPointersRestoredEbx = 1u << 2;
/// Leaf 0x80000001, EDX.
inline constexpr std::uint32_t kSyscallEdx = 1u << 11;
inline constexpr std::uint32_t kNoExecuteEdx = 1u << 20;
inline constexpr std::uint32_t kRdtscpEdx = 1u << 27;
inline constexpr std::uint32_t kLongModeEdx = 1u << 29;

} // namespace arch::cpuid
