// SPDX-License-Identifier: GPL-2.0-or-later
// Why an exception was raised, asked of the model again: the machine executes some instructions by the model, whose
// reasons it knows, and others in the engine, which tells a vector and no reason.
#pragma once

#include "engine/instruction_class.h"
#include "explain/disassembly.h"
#include "model/cpu_features.h"
#include "model/cpu_state.h"
#include "model/event_delivery.h"
#include "model/fault.h"
#include "model/page_walk.h"
#include "model/physical_memory.h"
#include "model/vendor.h"

#include <functional>
#include <optional>

namespace ringcheck {

/// Asks whether something still faults, in a state and a memory that may have been changed; nullopt: it does not.
using Question = std::function<std::optional<model::Fault>(const model::CpuState&, const model::PhysicalMemory&)>;

/// A linear address and what was done to it.
struct MemoryAccess {
    std::uint64_t address = 0;
    model::Access access;
    bool stack = false;   ///< a non-canonical address is #SS
    bool uses_gs = false; ///< the address is relative to GS
};

/// A fault with its reason, and how to ask for it again.
struct Finding {
    model::Fault fault;
    std::optional<MemoryAccess> access; ///< when an access to memory was refused
    Question again;                     ///< empty when the model cannot tell: Reason::InstructionRule
};

/// The instruction at RIP.
struct InstructionAt {
    std::vector<std::byte> bytes; ///< those that can be read, at most kLongestInstruction
    Instruction decoded;
    Disassembly text;
};

InstructionAt instruction_at(const model::CpuState& state, const model::PhysicalMemory& memory);

/// Why the instruction at `before.rip` raised `event`.  `memory` is journaled: the caller takes back what was written.
/// When the model finds no reason, the fault has the event's vector and Reason::InstructionRule.
Finding find_reason(const model::CpuState& before, const model::Event& event, const InstructionAt& instruction,
                    const model::PhysicalMemory& memory, model::Vendor vendor, const model::Features& features);

} // namespace ringcheck
