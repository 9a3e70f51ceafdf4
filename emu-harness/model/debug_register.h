// SPDX-License-Identifier: GPL-2.0-or-later
// MOV to and from the debug registers.  [SDM 2B MOV—Move to/from Debug Registers; SDM 3B "Debug Registers"]
#pragma once

#include "model/cpu_state.h"
#include "model/fault.h"

#include <cstdint>
#include <expected>

namespace ringcheck::model {

/// MOV r64, DRn.  4 and 5 are other names of 6 and 7 unless CR4.DE = 1.
/// @param number  0..15, as ModRM and REX encode it
/// @return  or, in this order, #UD DrUnknown, DrAliasWithDebuggingExtensions; #GP(0) InstructionNotRing0;
///          #DB DrGeneralDetect, a fault with DR6.BD.  The manual does not order the last two against each other.
std::expected<std::uint64_t, Fault> mov_from_debug_register(const CpuState& state, unsigned number);

/// MOV DRn, r64.  Reserved bits of the low halves of DR6 and DR7 keep their fixed values; DR0..DR3 take any address.
/// @return  or a fault as above, then #GP(0) DrUpperBits
std::expected<CpuState, Fault> mov_to_debug_register(CpuState state, unsigned number, std::uint64_t value);

} // namespace ringcheck::model
