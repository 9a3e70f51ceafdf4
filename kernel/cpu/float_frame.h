// SPDX-License-Identifier: MIT
// A thread's FPU state as a program may see and change it: in a signal's frame.
// [SDM 1 "FXSAVE Area", "XSAVE Area"; Linux arch/x86/kernel/fpu/signal.c]
#pragma once

#include "base/span.h"
#include "cpu/float_state.h"
#include "uapi/signal_frame.h"

namespace kernel {

struct FloatFrame {
    /// The image, and behind it the word that ends it where it is longer than FXSAVE's.
    std::uint8_t bytes[sizeof(FloatState) + sizeof(std::uint32_t)];

    /// How much of it this CPU fills: FXSAVE's part alone, or XSAVE's and the end.
    static std::size_t size();
    /// It begins at a multiple of this in a program's memory.
    static constexpr std::size_t kAlignment = 64;

    /// What is in `state`, every register of it valid, and what else is in such a frame.
    static void fill(FloatFrame& frame, const FloatState& state);
    /// Has `state` become what a program says.  Where the frame is not as long as this CPU's, or is marked as the
    /// shorter kind, only the legacy registers are taken and the others become initial.
    /// @param size  bytes of `frame` that were read: kFxsaveSize or size()
    /// @return false: the CPU would refuse it (reserved bits of MXCSR or of the header), and nothing has changed
    static bool take(const FloatFrame& frame, std::size_t size, FloatState& state);
};

} // namespace kernel
