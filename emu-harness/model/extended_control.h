// SPDX-License-Identifier: GPL-2.0-or-later
// XGETBV and XSETBV.  [SDM 2D XGETBV, XSETBV; SDM 1 "Enabling the XSAVE Feature Set and XSAVE-Enabled Features"]
#pragma once

#include "model/cpu_features.h"
#include "model/cpu_state.h"
#include "model/fault.h"

#include <cstdint>
#include <expected>

namespace ringcheck::model {

/// At any CPL.
/// @return  EDX:EAX, or #UD XcrNotEnabled (CR4.OSXSAVE = 0), #GP(0) XcrUnknown (ECX is not 0)
std::expected<std::uint64_t, Fault> xgetbv(const CpuState& state, std::uint32_t index);

/// @return  or #UD XcrNotEnabled; #GP(0) InstructionNotRing0, XcrUnknown, Xcr0ReservedBits, Xcr0WithoutX87,
///          Xcr0AvxWithoutSse.  Dependences between bits above AVX are not modelled.
std::expected<CpuState, Fault> xsetbv(CpuState state, std::uint32_t index, std::uint64_t value,
                                      const Features& features);

} // namespace ringcheck::model
