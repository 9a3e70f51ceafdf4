// SPDX-License-Identifier: GPL-2.0-or-later
// How closely plain code is looked at while it runs.
#pragma once

#include <cstdint>

namespace ringcheck {

/// Both give the same run: the same counts, transitions and device times, instruction by instruction.
enum class ExecutionMode : std::uint8_t {
    Fast, ///< block by block (BlockGate)
    Step, ///< each instruction by itself: slow, and simple enough to be the measure of Fast
};

} // namespace ringcheck
