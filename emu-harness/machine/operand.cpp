// SPDX-License-Identifier: GPL-2.0-or-later
#include "machine/operand.h"

#include "engine/effective_address.h"

namespace ringcheck {

using model::CpuState;
using model::Fault;

LinearOperand linear_operand(const Instruction& instruction, const CpuState& before)
{
    constexpr std::uint8_t kFs = 0x64, kGs = 0x65;
    const auto [offset, stack] = effective_address(instruction, before.gpr.data(), before.rip);
    switch (instruction.segment_override) {
    case kFs: return {before.fs.base + offset, model::Reference::Data};
    case kGs: return {before.gs.base + offset, model::Reference::Data};
    default: return {offset, stack ? model::Reference::Stack : model::Reference::Data};
    }
}

std::expected<std::uint16_t, Fault> read_word_operand(const Instruction& instruction, const CpuState& before,
                                                      const model::PhysicalMemory& memory)
{
    if (instruction.register_operand()) {
        return static_cast<std::uint16_t>(before.gpr[instruction.rm()]);
    }
    const LinearOperand operand = linear_operand(instruction, before);
    return model::read_word<std::uint16_t>(before, memory, operand.address, by_program(before, model::AccessKind::Read),
                                           operand.reference);
}

} // namespace ringcheck
