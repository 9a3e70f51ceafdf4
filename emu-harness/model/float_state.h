// SPDX-License-Identifier: GPL-2.0-or-later
// The x87 and SSE registers: what FXSAVE stores and FXRSTOR loads.
// [SDM 1 "FXSAVE and FXRSTOR Instructions"; SDM 1 "x87 FPU Execution Environment"]
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

/// What points to the last x87 instruction.  No rule asks for it: CPUs keep it in different ways.
struct LastX87 {
    std::uint16_t opcode = 0;
    std::uint64_t instruction = 0, data = 0; ///< offsets, of its operand too
    std::uint16_t instruction_selector = 0, data_selector = 0;
};

} // namespace ringcheck::model
