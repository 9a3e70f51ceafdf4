// SPDX-License-Identifier: GPL-2.0-or-later
// One instruction that is about to execute, as the strict rules look at it: what it is and which data it will touch.
#pragma once

#include "engine/instruction_class.h"
#include "machine/data_access.h"
#include "watch/guest_memory.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace ringcheck {

struct InstructionLook {
    std::uint64_t count = 0;
    const model::CpuState& state; ///< before it, RIP at it
    Instruction instruction;
    std::vector<DataAccess> accesses;
    /// The page that an INVLPG names.
    std::optional<std::uint64_t> invalidated;

    bool user() const { return state.cpl == 3; }
    bool uses_gs() const { return instruction.segment_override == kGsPrefix && !accesses.empty(); }

private:
    static constexpr std::uint8_t kGsPrefix = 0x65;
};

/// nullopt when the code at RIP cannot be read.
std::optional<InstructionLook> look_at(std::uint64_t count, const model::CpuState& state, GuestMemory& memory);

} // namespace ringcheck
