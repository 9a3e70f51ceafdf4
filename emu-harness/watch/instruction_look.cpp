// SPDX-License-Identifier: GPL-2.0-or-later
#include "watch/instruction_look.h"

namespace ringcheck {

std::optional<InstructionLook> look_at(std::uint64_t count, const model::CpuState& state, GuestMemory& memory)
{
    // Outside 64-bit mode the engine's RIP is an offset in CS.
    const std::uint64_t base = state.in_64_bit_mode() ? 0 : state.cs.base;
    const std::vector<std::byte> code = memory.read(state, arch::VirtAddr{base + state.rip}, kLongestInstruction);
    if (code.empty()) {
        return std::nullopt;
    }
    const Instruction instruction = classify(code, state.in_64_bit_mode());
    const bool invalidates = instruction.kind == InstructionKind::InvalidatePage;
    return InstructionLook{.count = count,
                           .state = state,
                           .instruction = instruction,
                           .accesses = data_accesses(state, code),
                           .invalidated = invalidates ? operand_address(state, code) : std::nullopt};
}

} // namespace ringcheck
