// SPDX-License-Identifier: GPL-2.0-or-later
// Which SSE instructions need their operand of 16 bytes in memory aligned.  The engine does not look.
// [SDM 2D "Opcode Map"; SDM 2A "Exceptions Type 1", "Exceptions Type 2", "Exceptions Type 4"]
#pragma once

#include <cstdint>

namespace ringcheck {

/// 0F, 0F 38 or 0F 3A before the opcode.
enum class OpcodeMap : std::uint8_t { Two, Three38, Three3a };

/// Of 66, F3 and F2, the one that selects the instruction: F3 and F2 count before 66.
enum class MandatoryPrefix : std::uint8_t { None, Operand, Repeat, RepeatNotEqual };

bool needs_aligned_operand(OpcodeMap map, std::uint8_t opcode, MandatoryPrefix prefix);
/// Whether an immediate byte follows the operand of such an instruction.
bool has_immediate(OpcodeMap map, std::uint8_t opcode);

} // namespace ringcheck
