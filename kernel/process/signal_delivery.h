// SPDX-License-Identifier: MIT
// Delivery: what a thread does about its signals before it enters ring 3.
#pragma once

#include "layout/trap_frame.h"
#include "uapi/signal_info.h"

namespace kernel {

/// Takes the signals that are there for the current thread: ends its Vessel, stops it, or has `frame` begin a handler.
/// A call that a signal has interrupted (Error's restarts) fails with EINTR or is made again.  Clears
/// return_work::kSignal when nothing is left to do.  When it comes back with the thread killed, the thread is to end.
void deliver_signals(layout::TrapFrame& frame);

/// A signal about what the current thread has just done, which cannot wait: one that is blocked or ignored ends the
/// Vessel.
void force_signal(const uapi::SignalInfo& info);

} // namespace kernel
