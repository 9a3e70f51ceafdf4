// SPDX-License-Identifier: MIT
// x87, SSE and AVX registers of a thread, moved at every switch whether used or not: CR0.TS is never set, so nothing of
// one program can be read by another, not even by speculation (CVE-2018-3665).
// XSAVE where the CPU has it, with x87, SSE and AVX in XCR0 and nothing else; FXSAVE elsewhere.  [SDM 1 "Managing State
// Using the XSAVE Feature Set"]
#pragma once

#include "cpu/cpu_features.h"

#include <cstddef>
#include <cstdint>

namespace kernel {

struct alignas(64) FloatState {
    /// The legacy region, the header, and the upper halves of YMM0..YMM15, in XSAVE's standard format.
    static constexpr std::size_t kLegacySize = 512, kHeaderSize = 64, kAvxSize = 256;
    std::uint8_t bytes[kLegacySize + kHeaderSize + kAvxSize];

    /// Empty x87 stack, default control words, everything else zero, the same for XRSTOR and FXRSTOR.
    /// [psABI AMD64 "Process Initialization"; SDM 1 "FXSAVE Area", "XSAVE Header"]
    static FloatState initial();

    /// Takes the CPU's registers into this object.  What it held must have come from load(), or be initial: XSAVEOPT
    /// leaves out what has not changed since.
    void save();
    /// Gives this object's registers to the CPU.
    void load() const;
    /// Gives the initial registers to the CPU.
    static void load_initial();
};

/// Sets CR4.OSXSAVE and XCR0 where `features` has them, and chooses the instructions that FloatState uses.
/// Called once, before the first switch.
void enable_float_state(const CpuFeatures& features);
/// XCR0's bits of what is saved; 0 where FXSAVE does it.
std::uint32_t float_components();
/// The bits of MXCSR that this CPU has; any other is a fault when it is loaded.
std::uint32_t mxcsr_mask();

} // namespace kernel
