// SPDX-License-Identifier: GPL-2.0-or-later
// LGDT and LIDT, after their operand has been read.  [SDM 2A LGDT/LIDT]
#pragma once

#include "model/cpu_state.h"
#include "model/fault.h"

#include <cstdint>
#include <expected>

namespace ringcheck::model {

enum class DescriptorTable : std::uint8_t { Gdt, Idt };

/// @return  or #GP(0) InstructionNotRing0, TableBaseNonCanonical (in 64-bit mode)
std::expected<CpuState, Fault> load_table_register(CpuState state, DescriptorTable which, TableRegister value);

} // namespace ringcheck::model
