// SPDX-License-Identifier: GPL-2.0-or-later
// The operand size of an instruction, after its prefixes.
#pragma once

#include <cstdint>

namespace ringcheck::model {

/// In 64-bit mode: Bits64 with REX.W, Bits16 with 66, else Bits32 (for IRET and SYSRET).
enum class OperandSize : std::uint8_t { Bits16 = 2, Bits32 = 4, Bits64 = 8 };

} // namespace ringcheck::model
