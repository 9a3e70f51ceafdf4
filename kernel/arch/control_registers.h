// SPDX-License-Identifier: MIT
// CR0, CR3, CR4 and EFER, bit by bit.  [SDM 3A "Control Registers"; EFER: SDM 4 "IA32_EFER", APM 2 "Extended Feature
// Enable Register"]
#pragma once

#include "arch/bits.h"

namespace arch::cr0 {
inline constexpr std::uint64_t kProtectionEnable = bit<0>;
inline constexpr std::uint64_t kMonitorCoprocessor = bit<1>;
inline constexpr std::uint64_t kEmulation = bit<2>;
inline constexpr std::uint64_t kTaskSwitched = bit<3>;
inline constexpr std::uint64_t kExtensionType = bit<4>;
inline constexpr std::uint64_t kNumericError = bit<5>;
inline constexpr std::uint64_t kWriteProtect = bit<16>;
inline constexpr std::uint64_t kAlignmentMask = bit<18>;
inline constexpr std::uint64_t kNotWriteThrough = bit<29>;
inline constexpr std::uint64_t kCacheDisable = bit<30>;
inline constexpr std::uint64_t kPaging = bit<31>;
} // namespace arch::cr0

namespace arch::cr3 {
/// Physical address of the PML4, in place (CR3[51:12]).
inline constexpr Bits kTable = bits<51, 12>;
/// With CR4.PCIDE = 1: the process-context identifier, and in the operand of MOV, "keep its translations".
inline constexpr Bits kPcid = bits<11, 0>;
inline constexpr std::uint64_t kNoFlush = bit<63>;
} // namespace arch::cr3

namespace arch::cr4 {
inline constexpr std::uint64_t kProtectedModeVirtualInterrupts = bit<1>;
inline constexpr std::uint64_t kTimeStampDisable = bit<2>;
inline constexpr std::uint64_t kDebuggingExtensions = bit<3>;
inline constexpr std::uint64_t kPageSizeExtensions = bit<4>;
inline constexpr std::uint64_t kPhysicalAddressExtension = bit<5>;
inline constexpr std::uint64_t kMachineCheckEnable = bit<6>;
inline constexpr std::uint64_t kPageGlobalEnable = bit<7>;
inline constexpr std::uint64_t kPerformanceCounterEnable = bit<8>;
inline constexpr std::uint64_t kOsFxsr = bit<9>;
inline constexpr std::uint64_t kOsXmmExceptions = bit<10>;
inline constexpr std::uint64_t kUserModeInstructionPrevention = bit<11>;
inline constexpr std::uint64_t kFsGsBase = bit<16>;
inline constexpr std::uint64_t kPcid = bit<17>;
inline constexpr std::uint64_t kOsXsave = bit<18>;
inline constexpr std::uint64_t kSmep = bit<20>;
inline constexpr std::uint64_t kSmap = bit<21>;
inline constexpr std::uint64_t kProtectionKeys = bit<22>;
} // namespace arch::cr4

/// [SDM 1 "XCR0"]
namespace arch::xcr0 {
inline constexpr std::uint64_t kX87 = bit<0>;
inline constexpr std::uint64_t kSse = bit<1>;
inline constexpr std::uint64_t kAvx = bit<2>;
} // namespace arch::xcr0

namespace arch::efer {
inline constexpr std::uint64_t kSyscallEnable = bit<0>;
inline constexpr std::uint64_t kLongModeEnable = bit<8>;
inline constexpr std::uint64_t kLongModeActive = bit<10>;
inline constexpr std::uint64_t kNoExecuteEnable = bit<11>;
} // namespace arch::efer
