// SPDX-License-Identifier: MIT
// The I/O APIC: an index register and a window in its page, and behind them a redirection entry for each line.
// [Intel 82093AA datasheet "Register Description"]
#pragma once

#include "arch/bits.h"

#include <cstdint>

namespace arch::io_apic {

inline constexpr std::uint64_t kBase = 0xfec0'0000;
inline constexpr unsigned kLines = 24;

/// Offsets in its page, 32 bits each.
inline constexpr std::uint32_t kIndex = 0x00, kWindow = 0x10;

/// Registers by index; line n has its low half at kRedirection + 2 * n, its high half behind it.
inline constexpr std::uint32_t kId = 0, kVersion = 1, kArbitration = 2, kRedirection = 0x10;

/// A redirection entry, low half.  Vector and delivery mode stand where the local APIC has them.
inline constexpr std::uint32_t kLogical = 1u << 11, kActiveLow = 1u << 13, kRemoteIrr = 1u << 14, kLevel = 1u << 15,
                               kMasked = 1u << 16;
/// Of the high half.
inline constexpr Bits kDestination = bits<31, 24>;

} // namespace arch::io_apic
