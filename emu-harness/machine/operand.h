// SPDX-License-Identifier: GPL-2.0-or-later
// The operand that ModRM names, in 64-bit mode: where it is in memory, and what stands there.
// [SDM 2A "ModR/M and SIB Bytes", "64-Bit Mode Addressing"; SDM 1 "Segmentation in 64-Bit Mode"]
#pragma once

#include "engine/instruction_class.h"
#include "model/cpu_state.h"
#include "model/fault.h"
#include "model/memory_access.h"
#include "model/physical_memory.h"

#include <cstdint>
#include <expected>

namespace ringcheck {

struct LinearOperand {
    std::uint64_t address = 0;
    model::Reference reference{}; ///< Stack when RSP or RBP is its base and no segment is named

    constexpr bool operator==(const LinearOperand&) const = default;
};

/// @param instruction  classified in 64-bit mode, with a memory operand
/// @param before       RIP at it
LinearOperand linear_operand(const Instruction& instruction, const model::CpuState& before);

/// r/m16, which selectors and LMSW are read from.
/// @return  or #GP(0)/#SS(0), #PF of the read
std::expected<std::uint16_t, model::Fault>
read_word_operand(const Instruction& instruction, const model::CpuState& before, const model::PhysicalMemory& memory);

} // namespace ringcheck
