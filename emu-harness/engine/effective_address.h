// SPDX-License-Identifier: GPL-2.0-or-later
// The offset of a memory operand in 64-bit mode.  [SDM 2A "ModR/M and SIB Bytes", "64-Bit Mode Addressing"]
#pragma once

#include "engine/instruction_class.h"

#include <cstdint>

namespace ringcheck {

struct EffectiveAddress {
    std::uint64_t offset = 0;
    bool stack_base = false; ///< RSP or RBP is its base: SS is its segment unless another one is named
};

/// @param instruction  classified in 64-bit mode, with a memory operand that was decoded
/// @param gpr          16 registers in encoding order
/// @param rip          at the instruction
constexpr EffectiveAddress effective_address(const Instruction& instruction, const std::uint64_t* gpr,
                                             std::uint64_t rip)
{
    constexpr unsigned kSibFollows = 4, kNoBase = 5, kNoIndex = 4, kRsp = 4, kRbp = 5;
    const unsigned mode = instruction.modrm >> 6;
    const bool has_sib = (instruction.modrm & 7) == kSibFollows;
    const unsigned low_base = (has_sib ? instruction.sib : instruction.modrm) & 7u;
    const unsigned base = low_base | (instruction.rex & 1u) << 3;

    EffectiveAddress result{static_cast<std::uint64_t>(std::int64_t{instruction.displacement})};
    if (mode != 0 || low_base != kNoBase) {
        result.offset += gpr[base];
        result.stack_base = base == kRsp || base == kRbp;
    } else if (!has_sib) {
        result.offset += rip + instruction.length; // RIP-relative
    }
    if (has_sib) {
        const unsigned index = (instruction.sib >> 3 & 7u) | (instruction.rex & 2u) << 2;
        result.offset += index == kNoIndex ? 0 : gpr[index] << (instruction.sib >> 6);
    }
    if (instruction.address_size) {
        result.offset &= 0xffff'ffff;
    }
    return result;
}

} // namespace ringcheck
