// SPDX-License-Identifier: GPL-2.0-or-later
#include "machine/operand.h"

namespace ringcheck {

using model::CpuState;
using model::Fault;
using model::Gpr;

LinearOperand linear_operand(const Instruction& instruction, const CpuState& before)
{
    constexpr unsigned kSibFollows = 4, kNoBase = 5, kNoIndex = 4;
    constexpr std::uint8_t kFs = 0x64, kGs = 0x65;
    const unsigned mode = instruction.modrm >> 6;
    const bool has_sib = (instruction.modrm & 7) == kSibFollows;
    const unsigned low_base = (has_sib ? instruction.sib : instruction.modrm) & 7u;
    const unsigned base = low_base | (instruction.rex & 1u) << 3;

    auto offset = static_cast<std::uint64_t>(std::int64_t{instruction.displacement});
    bool stack = false;
    if (mode != 0 || low_base != kNoBase) {
        offset += before.gpr[base];
        stack = base == static_cast<unsigned>(Gpr::Rsp) || base == static_cast<unsigned>(Gpr::Rbp);
    } else if (!has_sib) {
        offset += before.rip + instruction.length; // RIP-relative
    }
    if (has_sib) {
        const unsigned index = (instruction.sib >> 3 & 7u) | (instruction.rex & 2u) << 2;
        offset += index == kNoIndex ? 0 : before.gpr[index] << (instruction.sib >> 6);
    }
    if (instruction.address_size) {
        offset &= 0xffff'ffff;
    }
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
