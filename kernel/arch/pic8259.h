// SPDX-License-Identifier: MIT
// The two 8259A interrupt controllers of a PC: ports and command words.  [8259A datasheet "Programming the 8259A"]
#pragma once

#include <cstdint>

namespace arch::pic8259 {

inline constexpr std::uint16_t kMasterCommand = 0x20, kMasterData = 0x21, kSlaveCommand = 0xa0, kSlaveData = 0xa1;
inline constexpr unsigned kLinesEach = 8, kLines = 16;
/// The master's line that the slave is wired to.
inline constexpr unsigned kCascadeLine = 2;

inline constexpr std::uint8_t kIcw1Initialise = 1 << 4, kIcw1WithIcw4 = 1 << 0;
inline constexpr std::uint8_t kIcw4Mode8086 = 1 << 0, kIcw4AutoEndOfInterrupt = 1 << 1;
inline constexpr std::uint8_t kEndOfInterrupt = 0x20;         ///< OCW2: non-specific EOI
inline constexpr std::uint8_t kSpecificEndOfInterrupt = 0x60; ///< OCW2: EOI of the line in bits 2:0
inline constexpr std::uint8_t kOcw3 = 1 << 3, kReadRequests = kOcw3 | 0x02, kReadInService = kOcw3 | 0x03;

} // namespace arch::pic8259
