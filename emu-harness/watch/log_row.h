// SPDX-License-Identifier: GPL-2.0-or-later
// What a log keeps of a transition or of the end of a process.
#pragma once

#include "watch/transition_log.h"

#include <cstdint>
#include <string>

namespace ringcheck {

/// @param program  whose page tables CR3 holds after it, or ""
LogRow to_row(const Transition& transition, Program program);
/// The end of a process.
LogRow to_row(std::uint64_t count, const Process& ended, const model::CpuState& state);

} // namespace ringcheck
