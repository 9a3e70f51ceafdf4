// SPDX-License-Identifier: GPL-2.0-or-later
// Which of the breakpoints in DR0..DR3 an instruction or an access meets.  [SDM 3B "Debug Control Register (DR7)",
// "Breakpoint Field Recognition"]  The manual leaves open whether DR6 also shows breakpoints that match but are not
// enabled (here: no), and what an execution breakpoint with a length other than 1 does (here: the length is ignored).
#pragma once

#include "model/cpu_state.h"
#include "model/fault.h"

#include <cstdint>
#include <optional>

namespace ringcheck::model {

enum class DataAccess : std::uint8_t { Read, Write };

/// DR6.B0..B3 for a load or store of `bytes` at linear `address`: a trap, due after the instruction.
std::uint64_t data_breakpoints(const CpuState& state, std::uint64_t address, unsigned bytes, DataAccess access);

/// The same for IN, OUT, INS and OUTS: I/O breakpoints exist with CR4.DE = 1 only.
std::uint64_t io_breakpoints(const CpuState& state, std::uint16_t port, unsigned bytes);

/// The #DB fault (DR6.B0..B3) that comes before the instruction at CS:RIP, unless RFLAGS.RF is set or MOV SS was the
/// instruction before it.  [SDM 3B "Instruction-Breakpoint Exception Condition"; SDM 3A "Masking Exceptions and
/// Interrupts When Switching Stacks"]
std::optional<Fault> instruction_breakpoint(const CpuState& state);

} // namespace ringcheck::model
