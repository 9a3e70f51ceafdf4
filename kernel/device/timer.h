// SPDX-License-Identifier: MIT
// The 8254's channel 0 as a periodic tick.  [8254 datasheet "Mode 2: Rate Generator"]
#pragma once

#include <cstdint>

namespace kernel::timer {

inline constexpr std::uint32_t kTicksPerSecond = 1000;

/// Starts the tick on interrupt line 0.
void start();

} // namespace kernel::timer
