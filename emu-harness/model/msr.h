// SPDX-License-Identifier: GPL-2.0-or-later
// RDMSR and WRMSR of the MSRs that CpuState holds.  [SDM 2B RDMSR, SDM 2D WRMSR; SDM 4 "Architectural MSRs"]
#pragma once

#include "arch/control_registers.h"
#include "model/cpu_features.h"
#include "model/cpu_state.h"
#include "model/fault.h"

#include <cstdint>
#include <expected>

namespace ringcheck::model {

/// The EFER bits that exist; the others are reserved.
constexpr std::uint64_t supported_efer(const Features& features)
{
    using namespace arch::efer;
    return kLongModeEnable | kLongModeActive | std::uint64_t{features.syscall} * kSyscallEnable |
           std::uint64_t{features.no_execute} * kNoExecuteEnable;
}

/// @return  EDX:EAX, or #GP(0): MsrNotRing0, MsrUnknown; outside the model: MsrUnmodelled, an MSR that every CPU has
///          but CpuState has not (the caller answers it or ends the run).
std::expected<std::uint64_t, Fault> rdmsr(const CpuState& state, std::uint32_t index, const Features& features = {},
                                          Vendor vendor = Vendor::Intel);

/// @return  the state with the MSR written, or #GP(0): MsrNotRing0, MsrUnknown, MsrNonCanonical, MsrReservedBits,
///          MsrReadOnly, PatMemoryType, EferLmeWhilePaging; outside the model: MsrUnmodelled, also of a bit of
///          IA32_MISC_ENABLE that would change what CPUID says.
/// EFER.LMA and the read-only bits of IA32_MISC_ENABLE keep their values whatever is written.
std::expected<CpuState, Fault> wrmsr(CpuState state, std::uint32_t index, std::uint64_t value,
                                     const Features& features = {}, Vendor vendor = Vendor::Intel);

} // namespace ringcheck::model
