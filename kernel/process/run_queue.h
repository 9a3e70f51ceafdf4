// SPDX-License-Identifier: MIT
// The ready threads, by level.  Within an epoch the lowest level runs first and threads of a level take turns; a thread
// that has used up its turn waits for the next epoch, which begins when this one's threads have all had theirs.  So a
// level decides who comes first and how long a turn is, and nobody waits longer than one turn of each other thread.
#pragma once

#include "process/thread_queue.h"

#include <cstdint>

namespace kernel {

class RunQueue {
public:
    /// One level for each nice value, -20..19.
    static constexpr unsigned kLevels = 40;

    /// Timer ticks of a turn: 8 at level 0, 4 in the middle, 1 at the last level.
    static constexpr std::uint16_t turn_ticks(unsigned level)
    {
        const unsigned ticks = (kLevels - level) / 5;
        return static_cast<std::uint16_t>(ticks > 0 ? ticks : 1);
    }

    /// Puts a thread at the end of its level: in this epoch when it has ticks left, else with a new turn in the next.
    void push(Thread& thread);
    /// Takes out a thread that stands in here.
    void remove(Thread& thread);
    /// The next to run, taken out; nullptr when nobody is ready.
    Thread* pop();

    bool empty() const { return current_->levels == 0 && next_->levels == 0; }
    /// True when a thread that stands in this epoch comes before one of `level` that runs now.
    bool has_before(unsigned level) const { return (current_->levels & ((std::uint64_t{1} << level) - 1)) != 0; }
    /// True when a thread of this epoch comes before or equals one of `level`.
    bool has_until(unsigned level) const { return (current_->levels & ((std::uint64_t{2} << level) - 1)) != 0; }

private:
    struct Epoch {
        ThreadQueue queues[kLevels];
        std::uint64_t levels = 0; ///< bit L: queues[L] is not empty
    };

    Epoch epochs_[2];
    Epoch* current_ = &epochs_[0];
    Epoch* next_ = &epochs_[1];
};

} // namespace kernel
