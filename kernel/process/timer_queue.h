// SPDX-License-Identifier: MIT
// Threads that sleep, the earliest deadline first; of equal deadlines the one that was added first.  A binary heap:
// each operation costs log2 of the number of sleepers.
#pragma once

#include "base/assert.h"
#include "process/thread.h"

#include <cstdint>

namespace kernel {

template <unsigned kCapacity> class TimerQueue {
public:
    /// `thread` is in no timer queue, and there is room: a thread sleeps once.
    void add(Thread& thread, std::uint64_t deadline)
    {
        ASSERT(thread.timer_index == 0 && used_ < kCapacity);
        thread.deadline = deadline;
        thread.timer_order = next_order_++;
        place(thread, used_++);
        rise(used_ - 1);
    }

    /// Takes `thread` out; nothing happens when it is not in here.
    void remove(Thread& thread)
    {
        if (thread.timer_index == 0) {
            return;
        }
        const unsigned hole = thread.timer_index - 1;
        thread.timer_index = 0;
        Thread& last = *heap_[--used_];
        if (&last != &thread) {
            place(last, hole);
            sink(hole);
            rise(last.timer_index - 1);
        }
    }

    unsigned size() const { return used_; }

    /// The thread whose deadline is the earliest, when that is not after `now`; else nullptr.
    Thread* due(std::uint64_t now) const { return used_ > 0 && heap_[0]->deadline <= now ? heap_[0] : nullptr; }

private:
    static bool before(const Thread& a, const Thread& b)
    {
        return a.deadline != b.deadline ? a.deadline < b.deadline : a.timer_order < b.timer_order;
    }

    void place(Thread& thread, unsigned index)
    {
        heap_[index] = &thread;
        thread.timer_index = index + 1;
    }

    void rise(unsigned index)
    {
        Thread& thread = *heap_[index];
        for (; index > 0 && before(thread, *heap_[(index - 1) / 2]); index = (index - 1) / 2) {
            place(*heap_[(index - 1) / 2], index);
        }
        place(thread, index);
    }

    void sink(unsigned index)
    {
        Thread& thread = *heap_[index];
        for (;;) {
            unsigned child = 2 * index + 1;
            if (child >= used_) {
                break;
            }
            if (child + 1 < used_ && before(*heap_[child + 1], *heap_[child])) {
                ++child;
            }
            if (!before(*heap_[child], thread)) {
                break;
            }
            place(*heap_[child], index);
            index = child;
        }
        place(thread, index);
    }

    Thread* heap_[kCapacity] = {};
    unsigned used_ = 0;
    std::uint64_t next_order_ = 0;
};

} // namespace kernel
