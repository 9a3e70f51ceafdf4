// SPDX-License-Identifier: GPL-2.0-or-later
// Far CALL and JMP in 64-bit mode: to code of the same ring, and through 64-bit call gates.
// The direct forms (9A, EA) do not exist there.  [SDM 2A CALL, JMP "Operation"]
#pragma once

#include "model/cpu_state.h"
#include "model/far_pointer.h"
#include "model/fault.h"
#include "model/operand_size.h"
#include "model/physical_memory.h"

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

} // namespace ringcheck::model
