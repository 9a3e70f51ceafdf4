// SPDX-License-Identifier: MIT
#include "process/pending_signals.h"

#include "base/assert.h"
#include "base/slot_set.h"

namespace kernel {

struct QueuedSignal {
    uapi::SignalInfo info;
    QueuedSignal* next = nullptr;
};

namespace {

constinit QueuedSignal pool[PendingSignals::kPoolSize];
constinit base::SlotSet<PendingSignals::kPoolSize> slots;

QueuedSignal* take_slot()
{
    const unsigned slot = slots.take();
    return slot == slots.kNone ? nullptr : &pool[slot];
}

void give_back(QueuedSignal& queued)
{
    slots.give_back(static_cast<unsigned>(&queued - pool));
}

} // namespace

bool PendingSignals::add(const uapi::SignalInfo& info)
{
    const bool real_time = static_cast<std::uint64_t>(info.number) >= uapi::kFirstRealTimeSignal;
    if (!real_time && set_.has(info.number)) {
        return true;
    }
    QueuedSignal* const queued = queued_ < kMaximumQueued ? take_slot() : nullptr;
    if (queued == nullptr) {
        if (!real_time) {
            set_.add(info.number);
        }
        return !real_time;
    }
    *queued = {info, nullptr};
    (last_ != nullptr ? last_->next : first_) = queued;
    last_ = queued;
    ++queued_;
    set_.add(info.number);
    return true;
}

uapi::SignalInfo PendingSignals::take(uapi::Signal signal)
{
    ASSERT(set_.has(signal));
    uapi::SignalInfo info{.number = signal}; // what a number alone tells
    bool taken = false, again = false;
    QueuedSignal* before = nullptr;
    for (QueuedSignal* queued = first_; queued != nullptr;) {
        QueuedSignal* const next = queued->next;
        if (queued->info.number != signal) {
            before = queued;
        } else if (taken) {
            again = true;
            break;
        } else {
            taken = true;
            info = queued->info;
            (before != nullptr ? before->next : first_) = next;
            last_ = last_ == queued ? before : last_;
            --queued_;
            give_back(*queued);
        }
        queued = next;
    }
    if (!again) {
        set_.remove(SignalSet::of(signal));
    }
    return info;
}

void PendingSignals::discard(SignalSet signals)
{
    while (!(set_ & signals).empty()) {
        static_cast<void>(take((set_ & signals).first()));
    }
}

} // namespace kernel
