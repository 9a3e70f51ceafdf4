// SPDX-License-Identifier: GPL-2.0-or-later
// IRET, IRETD and IRETQ from 64-bit mode, to the same or an outer ring, to 64-bit or compatibility mode.
// [SDM 2A IRET/IRETD/IRETQ "Operation"; SDM 3A "IRET in IA-32e Mode"]
#pragma once

#include "model/cpu_state.h"
#include "model/fault.h"
#include "model/operand_size.h"
#include "model/physical_memory.h"
#include "model/vendor.h"

#include <expected>

namespace ringcheck::model {

/// Executes IRET: five words of `size` from RSP.  A fault leaves the registers as they were, but for one:
/// the caller delivers it from a state with `nmi_blocked` false, because IRET unblocks NMIs even when it faults.
/// [SDM 3A "Handling Multiple NMIs"]
/// The returned RSP is not checked, as on the CPU.  Sets the accessed bit of the descriptors that it loads.
/// @return  or the fault of the first rule that fails:
///          #GP(0)         IretNestedTask, IretCsNull, IretRipNonCanonical, IretEipBeyondLimit, IretSsNull...
///          #GP(selector)  IretCs..., IretSs...
///          #NP(selector)  IretCsNotPresent
///          #SS(selector)  IretSsNotPresent
///          #SS(0), #PF    reading the frame;  #GP(0), #PF reading or marking a descriptor
///          outside the model: ModeUnmodelled (not executed in 64-bit mode), AccessOutsideRam, PageTableOutsideRam.
std::expected<CpuState, Fault> iret(const CpuState& before, const PhysicalMemory& memory, OperandSize size,
                                    Vendor vendor);

} // namespace ringcheck::model
