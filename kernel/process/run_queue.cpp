// SPDX-License-Identifier: MIT
#include "process/run_queue.h"

#include <utility>

namespace kernel {

void RunQueue::push(Thread& thread)
{
    Epoch* epoch = current_;
    if (thread.ticks_left == 0) {
        thread.ticks_left = turn_ticks(thread.level);
        epoch = next_;
    }
    epoch->queues[thread.level].push_back(thread);
    epoch->levels |= std::uint64_t{1} << thread.level;
}

void RunQueue::remove(Thread& thread)
{
    ThreadQueue* const queue = thread.queue;
    Epoch& epoch = queue == &epochs_[0].queues[thread.level] ? epochs_[0] : epochs_[1];
    epoch.queues[thread.level].remove(thread);
    if (queue->empty()) {
        epoch.levels &= ~(std::uint64_t{1} << thread.level);
    }
}

Thread* RunQueue::pop()
{
    if (current_->levels == 0) {
        std::swap(current_, next_);
        if (current_->levels == 0) {
            return nullptr;
        }
    }
    Thread& thread = *current_->queues[__builtin_ctzll(current_->levels)].front();
    remove(thread);
    return &thread;
}

} // namespace kernel
