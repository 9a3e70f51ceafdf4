// SPDX-License-Identifier: GPL-2.0-or-later
// CLI, STI and POPF in protected and 64-bit mode: who may change IF and IOPL, what happens to VIF, and the STI shadow.
// [SDM 2A CLI; SDM 2B STI, POPF/POPFD/POPFQ; SDM 3A "Enabling and Disabling Interrupts"]
#pragma once

#include "model/cpu_state.h"
#include "model/fault.h"
#include "model/operand_size.h"

#include <cstdint>
#include <expected>

namespace ringcheck::model {

/// With CPL > IOPL, ring 3 changes VIF instead under CR4.PVI.
/// @return  or #GP(0) InstructionIopl
std::expected<CpuState, Fault> cli(CpuState state);

/// Leaves the STI shadow when it changes IF from 0 to 1.
/// @return  or #GP(0) InstructionIopl, InterruptFlagVip
std::expected<CpuState, Fault> sti(CpuState state);

/// RFLAGS after POPF of `image`, which has been read from the stack.  Never faults: flags that CPL may not change keep
/// their value.  RF becomes 0; VIF, VIP and VM stay, by the manual's pseudo-code (its table clears VIF and VIP).
CpuState pop_flags(CpuState state, std::uint64_t image, OperandSize size);

} // namespace ringcheck::model
