// SPDX-License-Identifier: MIT
// DR6 and DR7, bit by bit.  [SDM 3B "Debug Registers"]
#pragma once

#include "arch/bits.h"

namespace arch::dr6 {
inline constexpr Bits kBreakpoints = bits<3, 0>; ///< which of DR0..DR3 matched
inline constexpr std::uint64_t kDebugRegisterAccess = bit<13>;
inline constexpr std::uint64_t kSingleStep = bit<14>;
inline constexpr std::uint64_t kTaskSwitch = bit<15>;
/// Bits that software can change.
inline constexpr std::uint64_t kWritable = kBreakpoints.mask() | kDebugRegisterAccess | kSingleStep | kTaskSwitch;
/// Bits that always read as 1, and the value after reset.
inline constexpr std::uint64_t kAlwaysOne = 0xffff'0ff0;
} // namespace arch::dr6

namespace arch::dr7 {
inline constexpr Bits kEnables = bits<7, 0>; ///< L0 G0 .. L3 G3
inline constexpr std::uint64_t kGeneralDetect = bit<13>;
/// Bits that always read as 1, and the value after reset.
inline constexpr std::uint64_t kAlwaysOne = bit<10>;
/// Bits that software can change, on a CPU without restricted transactional memory.
inline constexpr std::uint64_t kWritable = 0xffff'23ff;

/// What breakpoint `n` waits for (R/Wn).
enum class Condition : std::uint8_t { Execute = 0, Write = 1, InputOutput = 2, ReadOrWrite = 3 };

/// Ln or Gn: they differ at task switches only, which 64-bit mode does not have.
constexpr bool enabled(std::uint64_t dr7, unsigned n)
{
    return (dr7 >> 2 * n & 3) != 0;
}
constexpr Condition condition(std::uint64_t dr7, unsigned n)
{
    return static_cast<Condition>(dr7 >> (16 + 4 * n) & 3);
}
/// LENn in bytes: 1, 2, 8 or 4, in the encoding's order.
constexpr unsigned length_bytes(std::uint64_t dr7, unsigned n)
{
    constexpr unsigned kLengths[] = {1, 2, 8, 4};
    return kLengths[dr7 >> (18 + 4 * n) & 3];
}

static_assert(enabled(0x80, 3) && !enabled(0x80, 2) && condition(0x3'0000, 0) == Condition::ReadOrWrite);
static_assert(length_bytes(0xc000'0000, 3) == 4 && length_bytes(0x8000'0000, 3) == 8);
} // namespace arch::dr7
