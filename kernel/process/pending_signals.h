// SPDX-License-Identifier: MIT
// Signals that have been sent and not taken yet, to a thread or to a Vessel.  A standard signal is pending once; a
// real-time signal as often as it was sent.  What a signal tells is kept in a pool with a limit; of a standard signal
// that finds none the number alone is kept.  [signal(7) "Real-time signals", "Queueing and delivery semantics"]
#pragma once

#include "process/signal_set.h"
#include "uapi/signal_info.h"

namespace kernel {

struct QueuedSignal;

class PendingSignals {
public:
    SignalSet set() const { return set_; }
    /// Adds one.
    /// @return false: a real-time signal for which there is no room
    bool add(const uapi::SignalInfo& info);
    /// Takes the first of that number, which is in the set.
    uapi::SignalInfo take(uapi::Signal signal);
    /// Drops all of these.
    void discard(SignalSet signals);

    /// How many the pool holds for all threads and Vessels, and at most for one of them.
    static constexpr unsigned kPoolSize = 1024, kMaximumQueued = 128;

private:
    SignalSet set_;
    QueuedSignal* first_ = nullptr; ///< in the order in which they came
    QueuedSignal* last_ = nullptr;
    unsigned queued_ = 0;
};

} // namespace kernel
