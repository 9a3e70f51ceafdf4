// SPDX-License-Identifier: MIT
// The timer, for the builds that have one: IRQ 0 by the 8254 and the first 8259.
#pragma once

#include <cstdint>

/// Has the timer interrupt every millisecond, and nothing else, and waits for the first time.
/// @param base  the vector that the first 8259 is to send IRQ 0 as
void start_timer(std::uint8_t base);

extern "C" volatile std::uint64_t ticks; ///< timer_entry counts them
