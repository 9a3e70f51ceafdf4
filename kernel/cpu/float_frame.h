// SPDX-License-Identifier: MIT
// A thread's FPU state as a program may see and change it: in a signal's frame.
// [SDM 1 "FXSAVE Area", "XSAVE Area"; Linux arch/x86/kernel/fpu/signal.c]
#pragma once

#include "arch/address.h"
#include "cpu/float_state.h"
#include "uapi/signal_frame.h"

namespace kernel {

namespace float_frame {

/// Bytes: FXSAVE's image alone, or XSAVE's and the word that ends it.
std::size_t size();
/// It begins at a multiple of this in a program's memory.
inline constexpr std::size_t kAlignment = 64;

/// Writes what is in `state` to user memory, every register of it valid, and what else is in such a frame.
/// @return false: it cannot be written
bool copy_out(arch::VirtAddr to, const FloatState& state);

/// Has `state` become what a program says.  Where its frame ends behind FXSAVE's part, or is marked as the shorter
/// kind, the other registers become initial.
/// @return false: it cannot be read, or the CPU would refuse it (reserved bits of MXCSR or of the header); then `state`
///         must not be loaded, and becomes FloatState::initial()
bool copy_in(FloatState& state, arch::VirtAddr from);

} // namespace float_frame

} // namespace kernel
