// SPDX-License-Identifier: GPL-2.0-or-later
// SWAPGS and WRFSBASE/WRGSBASE.  [SDM 2B SWAPGS; SDM 2D WRFSBASE/WRGSBASE]
#pragma once

#include "model/cpu_state.h"
#include "model/fault.h"

#include <cstdint>
#include <expected>

namespace ringcheck::model {

/// Exchanges the GS base with IA32_KERNEL_GS_BASE.
/// @return  or #UD SwapgsOutside64BitMode, #GP(0) InstructionNotRing0
std::expected<CpuState, Fault> swapgs(const CpuState& before);

enum class BaseRegister : std::uint8_t { Fs, Gs };

/// WRFSBASE or WRGSBASE, at any CPL.  A 32-bit operand comes here zero-extended.
/// @return  or #UD FsGsBaseNotEnabled (CR4.FSGSBASE = 0, or outside 64-bit mode), #GP(0) BaseNonCanonical
std::expected<CpuState, Fault> write_base(CpuState state, BaseRegister which, std::uint64_t value);

} // namespace ringcheck::model
