// SPDX-License-Identifier: MIT
// The user state that no trap frame holds: FPU and SSE registers, segment selectors, FS and GS base, debug control.
// It stays in the CPU while the kernel runs for a thread (the kernel uses none of it) and moves at the switch only.
#pragma once

#include <cstdint>

namespace kernel {

struct alignas(16) UserState {
    /// FXSAVE's image.  [SDM 1 "FXSAVE Area"]
    std::uint8_t fxsave[512];
    std::uint64_t fs_base, gs_base;
    std::uint16_t ds, es, fs, gs;

    /// What a program finds at its first instruction: empty x87 stack, default control words, everything else zero.
    /// [psABI AMD64 "Process Initialization"; SDM 1 "FXSAVE Area"]
    static UserState initial();

    /// Takes the CPU's state into this object.
    void save();
    /// Gives this object's state to the CPU, and clears the debug control register.
    void load() const;
};

} // namespace kernel
