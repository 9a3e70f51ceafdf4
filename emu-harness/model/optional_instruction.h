// SPDX-License-Identifier: GPL-2.0-or-later
// Instructions that exist only where CPUID offers them, and have no control bit of their own.
// [SDM 2B RDRAND, RDSEED, RDTSCP "Protected Mode Exceptions"]
#pragma once

#include "model/cpu_features.h"
#include "model/fault.h"

#include <cstdint>
#include <expected>

namespace ringcheck::model {

enum class OptionalInstruction : std::uint8_t { Rdrand, Rdseed, Rdtscp };

/// Before any other rule of the instruction.
/// @return  or #UD InstructionNotOffered
std::expected<void, Fault> check_offered(OptionalInstruction instruction, const Features& features);

} // namespace ringcheck::model
