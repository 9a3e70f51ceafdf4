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

/// The CR4 bits that exist; the others are reserved.
constexpr std::uint64_t supported_cr4(const Features& features)
{
    using namespace arch::cr4;
    constexpr std::uint64_t kAlways =
        kTimeStampDisable | kPhysicalAddressExtension | kPerformanceCounterEnable | kOsFxsr | kOsXmmExceptions;
    const auto when = [](bool offered, std::uint64_t bit) { return std::uint64_t{offered} * bit; };
    return kAlways | when(features.debugging_extensions, kDebuggingExtensions) |
           when(features.page_size_extensions, kPageSizeExtensions) |
           when(features.machine_check, kMachineCheckEnable) | when(features.global_pages, kPageGlobalEnable) |
           when(features.umip, kUserModeInstructionPrevention) | when(features.fs_gs_base, kFsGsBase) |
           when(features.smep, kSmep) | when(features.smap, kSmap) | when(features.pcid, kPcid) |
           when(features.xsave, kOsXsave) | when(features.protection_keys, kProtectionKeys) |
           when(features.virtual_interrupts, kProtectedModeVirtualInterrupts);
}

/// Executes MOV CRn, r64 (r32 outside 64-bit mode, with the upper half of `value` zero).
/// Setting CR0.PG with EFER.LME sets EFER.LMA; clearing it clears LMA.  Reserved bits of CR0's low half are dropped.
/// With CR4.PCIDE = 1, bit 63 of what is moved to CR3 keeps the PCID's translations, and CR3 does not hold it.
/// @param number  0, 2, 3, 4 or 8
/// @return  or #UD CrUnknown (any other number), #GP(0) CrNotRing0, #GP(0) Cr0..., Cr3..., Cr4..., Cr8...
std::expected<CpuState, Fault> mov_to_control_register(CpuState state, unsigned number, std::uint64_t value,
                                                       const Features& features = {});

} // namespace ringcheck::model
