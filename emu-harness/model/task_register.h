// SPDX-License-Identifier: GPL-2.0-or-later
// LTR and LLDT in 64-bit mode, after their operand has been read.  [SDM 2A LTR, LLDT; SDM 3A "TSS Descriptor in 64-bit
// mode"]  Neither page names the check of the base: it is the rule that every base that is loaded must be canonical.
// The pages do not order the checks of one descriptor that blame the same selector.
#pragma once

#include "model/cpu_state.h"
#include "model/fault.h"
#include "model/physical_memory.h"

#include <cstdint>
#include <expected>

namespace ringcheck::model {

/// Executes LTR: loads TR and sets the busy bit of the TSS descriptor in the GDT.
/// @return  or #GP(0)         InstructionNotRing0, LtrNull
///             #GP(selector)  LtrNotGlobal, LtrBeyondTable, LtrNotAvailableTss, LtrUpperType, LtrBaseNonCanonical
///             #NP(selector)  LtrNotPresent;  #GP(0), #PF  reading or marking the descriptor
///          outside the model: ModeUnmodelled (not executed in 64-bit mode)
std::expected<CpuState, Fault> load_task_register(CpuState state, const PhysicalMemory& memory, std::uint16_t selector);

/// Executes LLDT; a null selector leaves LDTR unusable.
/// @return  or #GP(0)         InstructionNotRing0
///             #GP(selector)  LldtNotGlobal, LldtBeyondTable, LldtNotLdt, LldtUpperType, LldtBaseNonCanonical
///             #NP(selector)  LldtNotPresent;  #GP(0), #PF  reading the descriptor
///          outside the model: ModeUnmodelled (not executed in 64-bit mode)
std::expected<CpuState, Fault> load_ldt_register(CpuState state, const PhysicalMemory& memory, std::uint16_t selector);

} // namespace ringcheck::model
