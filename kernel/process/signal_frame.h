// SPDX-License-Identifier: MIT
// The frame on a program's stack from which a signal's handler starts, and from which the program goes on behind it.
// Nothing that comes back from there is believed: the program could have written all of it.
#pragma once

#include "layout/trap_frame.h"
#include "process/thread.h"

namespace kernel {

/// Writes what the current thread was doing to its stack, or to its alternate stack, and has `frame` begin its handler.
/// @param mask  signals that are blocked when the handler has returned
/// @return false: it cannot be written, or the action names no restorer; `frame` has not changed
bool enter_handler(layout::TrapFrame& frame, Thread& thread, const uapi::SignalInfo& info,
                   const uapi::SignalAction& action, SignalSet mask);

/// rt_sigreturn(2): `frame` becomes what the frame at its RSP - 8 says, as far as ring 3 may say it; so do the thread's
/// FPU registers, its alternate stack, and `mask`.
/// @return false: it cannot be read, or the CPU would refuse its FPU registers, which are initial
///         then; `frame` has not changed
bool leave_handler(layout::TrapFrame& frame, Thread& thread, SignalSet& mask);

/// RSP is on the thread's alternate stack; with SS_AUTODISARM nobody is while it is set.  [sigaltstack(2)]
bool on_alternate_stack(const Thread& thread, std::uint64_t rsp);

/// A siginfo_t with every byte set.
uapi::SigInfo to_user(const uapi::SignalInfo& info);

} // namespace kernel
