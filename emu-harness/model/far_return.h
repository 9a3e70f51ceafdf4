// SPDX-License-Identifier: GPL-2.0-or-later
// Far RET in 64-bit mode: within the ring, or back to an outer one.  [SDM 2B RET "Operation"]
#pragma once

#include "model/cpu_state.h"
#include "model/fault.h"
#include "model/operand_size.h"
#include "model/physical_memory.h"
#include "model/vendor.h"

#include <cstdint>
#include <expected>

namespace ringcheck::model {

/// Far RET: two words of `size` from RSP, and SS:RSP behind them and the released bytes when the ring changes.  Data
/// segments that the outer ring may not use become null.  RFLAGS stays, and NMIs stay blocked.
/// @param released_bytes  RET imm16: taken off both stacks
/// @return  or #GP(0)         RetCsNull, RetRipNonCanonical, RetEipBeyondLimit, RetSsNull...
///             #GP(selector)  RetCs..., RetSs...;  #NP(selector)  RetCsNotPresent;  #SS(selector)  RetSsNotPresent
///             #SS(0), #PF    reading the stack;  #GP(0), #PF  reading or marking a descriptor
///          outside the model: ModeUnmodelled (not executed in 64-bit mode)
std::expected<CpuState, Fault> far_return(CpuState state, const PhysicalMemory& memory, OperandSize size,
                                          std::uint16_t released_bytes, Vendor vendor);

} // namespace ringcheck::model
