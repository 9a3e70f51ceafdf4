// SPDX-License-Identifier: GPL-2.0-or-later
// Which data an instruction will read and write, before it executes: what the checks need that the engine does not make
// (alignment, data breakpoints, the right to write that a read-modify-write asks for).
// What delivers an event (INT n) or is executed by the model and touches tables only is not among it.
#pragma once

#include "model/alignment_check.h"
#include "model/cpu_state.h"
#include "model/operand_size.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace ringcheck {

struct DataAccess {
    std::uint64_t address = 0; ///< linear
    std::uint32_t bytes = 0;
    bool read = false, write = false; ///< both: read-modify-write
    bool stack = false;               ///< a non-canonical address is #SS, not #GP
    /// #GP(0) unless the address is a multiple of 16, whatever CR0.AM says.  [SDM 2A "Exceptions Type 1"...; FXSAVE]
    bool aligned_by_rule = false;
    model::DataType type = model::DataType::Byte;
    unsigned alignment = 1; ///< what model::check_alignment() asks of it, in bytes

    bool operator==(const DataAccess&) const = default;
};

/// In the order in which they happen, a repeated string instruction's being those of its next iteration.
/// Nothing when there is no such instruction.
/// @param state  before it, RIP at it
/// @param code   its bytes and perhaps more
std::vector<DataAccess> data_accesses(const model::CpuState& state, std::span<const std::byte> code);

/// The linear address that the instruction's memory operand names, accessed or not: INVLPG's page.  nullopt: it has
/// none.
std::optional<std::uint64_t> operand_address(const model::CpuState& state, std::span<const std::byte> code);

} // namespace ringcheck
