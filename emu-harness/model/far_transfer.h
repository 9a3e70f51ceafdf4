// SPDX-License-Identifier: GPL-2.0-or-later
// Far CALL, JMP and RET in 64-bit mode: to code of the same ring, through 64-bit call gates, back to an outer ring.
// The direct forms (9A, EA) do not exist there.  [SDM 2A CALL, JMP "Operation"; SDM 2B RET "Operation"]
#pragma once

#include "model/cpu_state.h"
#include "model/far_pointer.h"
#include "model/fault.h"
#include "model/operand_size.h"
#include "model/physical_memory.h"
#include "model/vendor.h"

#include <cstdint>
#include <expected>

namespace ringcheck::model {

/// Far CALL to `target`, which has been read from memory; `state.rip` is past the instruction.  What is pushed is as
/// wide as the operand, or 64 bits through a gate, whose offset counts instead of the target's.  A gate to an inner
/// ring takes RSP from the TSS and makes SS null; RFLAGS stays.
/// @param size  as far_operand_size() gives it
/// @return  or #GP(0)         FarCsNull, FarTargetBeyondLimit, FarTargetNonCanonical, CallGateCsNull,
///                            CallGateEntryNonCanonical
///             #GP(selector)  FarBeyondTable, FarNotCodeOrGate, FarCs..., CallGateUpperType, CallGateDpl, CallGateCs...
///             #NP(selector)  FarCsNotPresent, CallGateNotPresent, CallGateCsNotPresent
///             #TS(TR)        CallGateStackBeyondTss;  #SS(0)  StackNonCanonical
///             #PF            reading tables and TSS, marking descriptors, writing the return address
///          outside the model: ModeUnmodelled (not executed in 64-bit mode)
std::expected<CpuState, Fault> far_call(CpuState state, const PhysicalMemory& memory, FarPointer target,
                                        OperandSize size);

/// Far JMP.  A gate cannot change the ring.
/// @return  or a fault as for far_call, but for #TS and #SS
std::expected<CpuState, Fault> far_jump(CpuState state, const PhysicalMemory& memory, FarPointer target);

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
