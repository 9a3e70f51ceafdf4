// SPDX-License-Identifier: GPL-2.0-or-later
// What MXCSR may hold, and what becomes of the exceptions that an SSE instruction meets.  [SDM 1 "MXCSR Control and
// Status Register", "Guidelines for Writing to the MXCSR Register"]
#pragma once

#include "model/cpu_state.h"
#include "model/fault.h"

#include <cstdint>
#include <expected>
#include <optional>

namespace ringcheck::model {

/// MXCSR_MASK of the modelled CPU, as FXSAVE tells it; the other bits are reserved.
inline constexpr std::uint32_t kMxcsrBits = 0xffff;

/// LDMXCSR or FXRSTOR is about to load `value`.
/// @return  or #GP(0) MxcsrReservedBits
std::expected<void, Fault> check_mxcsr(std::uint32_t value);

/// Exception flags of MXCSR; the masks stand kMaskShift bits above them.
namespace mxcsr {
inline constexpr std::uint32_t kInvalid = 1u << 0, kDenormal = 1u << 1, kDivideByZero = 1u << 2, kOverflow = 1u << 3,
                               kUnderflow = 1u << 4, kPrecision = 1u << 5;
inline constexpr std::uint32_t kFlags = 0x3f;
inline constexpr unsigned kMaskShift = 7;
} // namespace mxcsr

/// The flags that `value` does not mask.
constexpr std::uint32_t unmasked_exceptions(std::uint32_t value)
{
    return ~(value >> mxcsr::kMaskShift) & mxcsr::kFlags;
}

struct SseOutcome {
    std::uint32_t mxcsr = 0;    ///< with the flags of what was met
    std::optional<Fault> fault; ///< then the instruction has changed nothing else
};

/// An SSE instruction met the exceptions `met`, as flags of MXCSR.
/// @return  with #XM SseException, or with CR4.OSXMMEXCPT = 0 #UD SseExceptionNotEnabled, if one is not masked.
/// One found in the operands keeps those of the result from being looked for.
/// [SDM 1 "SIMD Floating-Point Exception Conditions", "Handling Unmasked Exceptions"]
SseOutcome sse_exceptions(const CpuState& state, std::uint32_t mxcsr, std::uint32_t met);

} // namespace ringcheck::model
