// SPDX-License-Identifier: MIT
// The six floating-point exceptions, at the same bits in the x87 status and control words and in MXCSR.
// [SDM 1 "x87 FPU Status Register", "x87 FPU Control Word", "SSE Control and Status Register (MXCSR)"]
#pragma once

#include <cstdint>

namespace arch::float_flags {

inline constexpr std::uint32_t kInvalid = 1u << 0, kDenormal = 1u << 1, kDivideByZero = 1u << 2, kOverflow = 1u << 3,
                               kUnderflow = 1u << 4, kPrecision = 1u << 5;
inline constexpr std::uint32_t kAll = 0x3f;
/// MXCSR has each exception's mask this far above its flag.
inline constexpr unsigned kMxcsrMaskShift = 7;

/// The exceptions that an x87 instruction would raise as #MF: flagged in `status` and not masked in `control`.
constexpr std::uint32_t unmasked_x87(std::uint32_t status, std::uint32_t control)
{
    return status & ~control & kAll;
}
/// The exceptions that were raised as #XM.
constexpr std::uint32_t unmasked_sse(std::uint32_t mxcsr)
{
    return mxcsr & ~(mxcsr >> kMxcsrMaskShift) & kAll;
}
static_assert(unmasked_x87(0x04, 0x37f) == 0 && unmasked_x87(0x04, 0x37b) == kDivideByZero);
static_assert(unmasked_sse(0x1f84) == 0 && unmasked_sse(0x1d84) == kDivideByZero);

} // namespace arch::float_flags
