// SPDX-License-Identifier: GPL-2.0-or-later
#include "engine/aligned_operand.h"

#include <algorithm>
#include <span>

namespace ringcheck {
namespace {

constexpr std::uint8_t kNone = 1, kOperand = 2, kRepeat = 4, kRepeatNotEqual = 8;

/// Opcodes `first` to `last` with one of the prefixes.
struct Row {
    std::uint8_t first, last, prefixes;
};

constexpr Row kTwo[] = {
    {0x12, 0x12, kRepeat},
    {0x14, 0x15, kNone | kOperand},
    {0x16, 0x16, kRepeat},
    {0x28, 0x29, kNone | kOperand},
    {0x2b, 0x2b, kNone | kOperand},
    {0x2c, 0x2d, kOperand},
    {0x51, 0x51, kNone | kOperand},
    {0x52, 0x53, kNone},
    {0x54, 0x59, kNone | kOperand},
    {0x5a, 0x5a, kOperand},
    {0x5b, 0x5b, kNone | kOperand | kRepeat},
    {0x5c, 0x5f, kNone | kOperand},
    {0x60, 0x6d, kOperand},
    {0x6f, 0x6f, kOperand},
    {0x70, 0x70, kOperand | kRepeat | kRepeatNotEqual},
    {0x74, 0x76, kOperand},
    {0x7c, 0x7d, kOperand | kRepeatNotEqual},
    {0x7f, 0x7f, kOperand},
    {0xc2, 0xc2, kNone | kOperand},
    {0xc6, 0xc6, kNone | kOperand},
    {0xd0, 0xd0, kOperand | kRepeatNotEqual},
    {0xd1, 0xd5, kOperand},
    {0xd8, 0xe5, kOperand},
    {0xe6, 0xe6, kOperand | kRepeatNotEqual},
    {0xe7, 0xef, kOperand},
    {0xf1, 0xf6, kOperand},
    {0xf8, 0xfe, kOperand},
};
constexpr Row kThree38[] = {
    {0x00, 0x0b, kOperand}, {0x10, 0x10, kOperand}, {0x14, 0x15, kOperand}, {0x17, 0x17, kOperand},
    {0x1c, 0x1e, kOperand}, {0x28, 0x2b, kOperand}, {0x37, 0x41, kOperand},
};
constexpr Row kThree3a[] = {
    {0x08, 0x09, kOperand},
    {0x0c, 0x0f, kOperand},
    {0x40, 0x42, kOperand},
};

std::span<const Row> rows(OpcodeMap map)
{
    switch (map) {
    case OpcodeMap::Three38: return kThree38;
    case OpcodeMap::Three3a: return kThree3a;
    default: return kTwo;
    }
}

} // namespace

bool needs_aligned_operand(OpcodeMap map, std::uint8_t opcode, MandatoryPrefix prefix)
{
    const auto bit = static_cast<std::uint8_t>(1u << static_cast<unsigned>(prefix));
    return std::ranges::any_of(rows(map), [&](const Row& row) {
        return opcode >= row.first && opcode <= row.last && (row.prefixes & bit) != 0;
    });
}

bool has_immediate(OpcodeMap map, std::uint8_t opcode)
{
    return map == OpcodeMap::Three3a || (map == OpcodeMap::Two && (opcode == 0x70 || opcode == 0xc2 || opcode == 0xc6));
}

} // namespace ringcheck
