// SPDX-License-Identifier: MIT
// The 8254 interval timer of a PC: ports, input clock, control word.  [8254 datasheet "Control Word Format"]
#pragma once

#include <cstdint>

namespace arch::pit8254 {

inline constexpr std::uint16_t kChannel0 = 0x40, kChannel1 = 0x41, kChannel2 = 0x42, kControl = 0x43;
inline constexpr unsigned kIrq = 0;
/// The input clock in hertz.
inline constexpr std::uint32_t kClockHz = 1'193'182;

inline constexpr std::uint8_t kAccessLowHigh = 0x30; ///< control word: low byte, then high byte
inline constexpr std::uint8_t kModeRateGenerator = 0x04, kModeOneShot = 0x00;

} // namespace arch::pit8254
