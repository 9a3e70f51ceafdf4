// SPDX-License-Identifier: GPL-2.0-or-later
// The x87 and SSE registers: what FXSAVE stores and FXRSTOR loads, but for the pointers to the last x87 instruction.
// [SDM 1 "FXSAVE and FXRSTOR Instructions"]
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace ringcheck::model {

struct FloatState {
    using Xmm = std::array<std::uint64_t, 2>; ///< low half first
    std::array<Xmm, 16> xmm{};
    std::uint32_t mxcsr = 0x1f80;               ///< these three as after FNINIT and reset
    std::uint16_t control = 0x037f, status = 0; ///< x87; the status with TOP
    std::array<bool, 8> empty{true, true, true, true, true, true, true, true}; ///< R0..R7, by the tag word
    std::array<std::array<std::byte, 10>, 8> physical{};                       ///< R0..R7, 80 bits each

    bool operator==(const FloatState&) const = default;
};

} // namespace ringcheck::model
