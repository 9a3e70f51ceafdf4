// SPDX-License-Identifier: MIT
// The end of a kernel that has found its own bug.
#pragma once

#include "base/string_view.h"
#include "layout/trap_frame.h"

namespace kernel {

/// Interrupts off, panic_record filled, reason, registers and backtrace on the console, machine stopped.
/// @param frame  the state at the fault, or nullptr when no fault led here
[[noreturn]] void panic(base::StringView reason, const layout::TrapFrame* frame = nullptr);

} // namespace kernel
