// SPDX-License-Identifier: GPL-2.0-or-later
// What the CPU does at each load and store and the engine does not: alignment checks and data breakpoints.
#pragma once

#include "model/cpu_state.h"
#include "model/fault.h"

#include <cstddef>
#include <cstdint>
#include <expected>
#include <span>

namespace ringcheck {

/// Looks at the accesses of an instruction before it executes; see data_accesses().
/// @return  DR6.B0..B3 of the breakpoints that they meet: a trap, due when the instruction completes; or #AC(0)
std::expected<std::uint64_t, model::Fault> check_data(const model::CpuState& state, std::span<const std::byte> code);

} // namespace ringcheck
