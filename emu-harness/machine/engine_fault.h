// SPDX-License-Identifier: GPL-2.0-or-later
// The engine's exceptions, made the CPU's where they differ: the right to write that a read-modify-write asks for, the
// stack fault of an address that is not canonical, and near branches to such an address, which the engine takes first.
// [SDM 3A "Page-Fault Exceptions", "Interrupt 12—Stack Fault Exception (#SS)"; SDM 2A JMP, CALL, SDM 2B RET]
#pragma once

#include "engine/engine.h"
#include "engine/interception.h"
#include "machine/cpu.h"
#include "model/cpu_state.h"
#include "model/fault.h"

namespace ringcheck {

/// The stop was the single step of an instruction that is complete.
bool is_single_step(const EngineStop& stop);

struct EngineFault {
    model::Fault fault;
    model::CpuState before; ///< RIP at the instruction to blame
};

/// Of a stop for an exception, but a single step.  The instruction to blame is taken back from the count.
EngineFault mended_fault(const EngineStop& stop, Interception& interception, Cpu& cpu);

} // namespace ringcheck
