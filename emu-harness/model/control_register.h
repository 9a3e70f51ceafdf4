// SPDX-License-Identifier: GPL-2.0-or-later
// MOV to a control register.  [SDM 2B MOV—Move to/from Control Registers; SDM 3A "Control Registers"]
#pragma once

#include "arch/control_registers.h"
#include "model/cpu_features.h"
#include "model/cpu_state.h"
#include "model/fault.h"

#include <cstdint>
#include <expected>

namespace ringcheck::model {

/// CR4 bits that every modelled CPU has, and that its CPUID must therefore report; the others are reserved.
inline constexpr std::uint64_t kSupportedCr4 =
    arch::cr4::kTimeStampDisable | arch::cr4::kDebuggingExtensions | arch::cr4::kPageSizeExtensions |
    arch::cr4::kPhysicalAddressExtension | arch::cr4::kMachineCheckEnable | arch::cr4::kPageGlobalEnable |
    arch::cr4::kPerformanceCounterEnable | arch::cr4::kOsFxsr | arch::cr4::kOsXmmExceptions |
    arch::cr4::kUserModeInstructionPrevention | arch::cr4::kFsGsBase | arch::cr4::kSmep | arch::cr4::kSmap;

/// The CR4 bits of a CPU that offers more.
constexpr std::uint64_t supported_cr4(const Features& features)
{
    return kSupportedCr4 | (features.protection_keys ? arch::cr4::kProtectionKeys : 0) |
           (features.pcid ? arch::cr4::kPcid : 0) | (features.xsave ? arch::cr4::kOsXsave : 0) |
           (features.virtual_interrupts ? arch::cr4::kProtectedModeVirtualInterrupts : 0);
}

/// Executes MOV CRn, r64 (r32 outside 64-bit mode, with the upper half of `value` zero).
/// Setting CR0.PG with EFER.LME sets EFER.LMA; clearing it clears LMA.  Reserved bits of CR0's low half are dropped.
/// With CR4.PCIDE = 1, bit 63 of what is moved to CR3 keeps the PCID's translations, and CR3 does not hold it.
/// @param number  0, 2, 3, 4 or 8
/// @return  or #UD CrUnknown (any other number), #GP(0) CrNotRing0, #GP(0) Cr0..., Cr3..., Cr4..., Cr8...
std::expected<CpuState, Fault> mov_to_control_register(CpuState state, unsigned number, std::uint64_t value,
                                                       const Features& features = {});

} // namespace ringcheck::model
