// SPDX-License-Identifier: MIT
// Threads in the order in which they came.  A thread stands in one queue at a time, and can leave from any place.
#pragma once

#include "base/assert.h"
#include "process/thread.h"

namespace kernel {

class ThreadQueue {
public:
    bool empty() const { return head_ == nullptr; }
    /// The one that waits longest; nullptr when empty.
    Thread* front() const { return head_; }
    /// The one that came last; nullptr when empty.
    Thread* back() const { return tail_; }

    void push_back(Thread& thread)
    {
        ASSERT(thread.queue == nullptr);
        thread.queue = this;
        thread.next = nullptr;
        thread.previous = tail_;
        (tail_ != nullptr ? tail_->next : head_) = &thread;
        tail_ = &thread;
    }

    void remove(Thread& thread)
    {
        ASSERT(thread.queue == this);
        (thread.previous != nullptr ? thread.previous->next : head_) = thread.next;
        (thread.next != nullptr ? thread.next->previous : tail_) = thread.previous;
        thread.queue = nullptr;
        thread.next = nullptr;
        thread.previous = nullptr;
    }

    /// Takes the front out; the queue is not empty.
    Thread& pop_front()
    {
        Thread& thread = *head_;
        remove(thread);
        return thread;
    }

private:
    Thread* head_ = nullptr;
    Thread* tail_ = nullptr;
};

/// Threads that wait for the same event.
using WaitQueue = ThreadQueue;

} // namespace kernel
