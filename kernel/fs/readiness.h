// SPDX-License-Identifier: MIT
// Waiting for the first of several files that becomes ready: a thread has a watch in the list of each of them.
// Invariant: a watch stands in a list only while its thread is in poll(2) or one of its kind, and holds that file.
#pragma once

#include "base/assert.h"

namespace kernel {

struct Thread;
class Readiness;

struct ReadinessWatch {
    Thread* thread = nullptr;
    Readiness* list = nullptr; ///< that it stands in
    ReadinessWatch* next = nullptr;
    ReadinessWatch* previous = nullptr;
};

/// Who waits for one file.
class Readiness {
public:
    void add(ReadinessWatch& watch)
    {
        ASSERT(watch.list == nullptr);
        watch.list = this;
        watch.previous = nullptr;
        watch.next = first_;
        if (first_ != nullptr) {
            first_->previous = &watch;
        }
        first_ = &watch;
    }

    void remove(ReadinessWatch& watch)
    {
        ASSERT(watch.list == this);
        (watch.previous != nullptr ? watch.previous->next : first_) = watch.next;
        if (watch.next != nullptr) {
            watch.next->previous = watch.previous;
        }
        watch = {.thread = watch.thread};
    }

    /// The file may be ready now: whoever waits looks again.
    void tell()
    {
        if (first_ != nullptr) {
            wake_watchers();
        }
    }

private:
    void wake_watchers();

    ReadinessWatch* first_ = nullptr;
};

} // namespace kernel
