// SPDX-License-Identifier: MIT
// RFLAGS, bit by bit.  [SDM 1 "EFLAGS Register"]
#pragma once

#include "arch/bits.h"

namespace arch::rflags {

inline constexpr std::uint64_t kCarry = bit<0>;
inline constexpr std::uint64_t kAlwaysOne = bit<1>;
inline constexpr std::uint64_t kParity = bit<2>;
inline constexpr std::uint64_t kAdjust = bit<4>;
inline constexpr std::uint64_t kZero = bit<6>;
inline constexpr std::uint64_t kSign = bit<7>;
inline constexpr std::uint64_t kTrap = bit<8>;
inline constexpr std::uint64_t kInterrupt = bit<9>;
inline constexpr std::uint64_t kDirection = bit<10>;
inline constexpr std::uint64_t kOverflow = bit<11>;
inline constexpr Bits kIopl = bits<13, 12>;
inline constexpr std::uint64_t kNestedTask = bit<14>;
inline constexpr std::uint64_t kResume = bit<16>;
inline constexpr std::uint64_t kVirtual8086 = bit<17>;
inline constexpr std::uint64_t kAlignmentCheck = bit<18>;
inline constexpr std::uint64_t kVirtualInterrupt = bit<19>;
inline constexpr std::uint64_t kVirtualInterruptPending = bit<20>;
inline constexpr std::uint64_t kIdentification = bit<21>;

inline constexpr std::uint64_t kArithmetic = kCarry | kParity | kAdjust | kZero | kSign | kOverflow;
/// Every defined bit; the others read as 0, but for bit 1, which reads as 1.
inline constexpr std::uint64_t kDefined = kArithmetic | kTrap | kInterrupt | kDirection | kIopl.mask() | kNestedTask |
                                          kResume | kVirtual8086 | kAlignmentCheck | kVirtualInterrupt |
                                          kVirtualInterruptPending | kIdentification;

static_assert(kDefined == 0x003f'7fd5);

} // namespace arch::rflags
