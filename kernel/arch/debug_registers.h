// SPDX-License-Identifier: MIT
// DR6 and DR7, bit by bit.  [SDM 3B "Debug Registers"]
#pragma once

#include "arch/bits.h"

namespace arch::dr6 {
inline constexpr Bits kBreakpoints = bits<3, 0>; ///< which of DR0..DR3 matched
inline constexpr std::uint64_t kDebugRegisterAccess = bit<13>;
inline constexpr std::uint64_t kSingleStep = bit<14>;
/// Bits that always read as 1, and the value after reset.
inline constexpr std::uint64_t kAlwaysOne = 0xffff'0ff0;
} // namespace arch::dr6

namespace arch::dr7 {
inline constexpr Bits kEnables = bits<7, 0>; ///< L0 G0 .. L3 G3
inline constexpr std::uint64_t kGeneralDetect = bit<13>;
/// Bits that always read as 1, and the value after reset.
inline constexpr std::uint64_t kAlwaysOne = bit<10>;
} // namespace arch::dr7
