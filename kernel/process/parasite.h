// SPDX-License-Identifier: MIT
// Finds Vessels that only take: their CPU time is measured against how often they give the CPU up by themselves.
// A parasite stands some levels lower for a while; it goes on running in each epoch, so it never starves, and the
// penalty ends by itself.
#pragma once

#include <cstdint>

namespace kernel {

class ParasiteMeter {
public:
    /// Ticks of the Vessel's own time after which it is judged.
    static constexpr std::uint64_t kWindowTicks = 64;
    /// Fewer voluntary switches than one in so many ticks are a parasite's.
    static constexpr std::uint64_t kTicksForEachPause = 16;
    /// Ticks for which it stands lower, and by how many levels.
    static constexpr std::uint64_t kPenaltyTicks = 128;
    static constexpr unsigned kPenaltyLevels = 5;

    /// One of the Vessel's threads gave up the CPU.
    void paused() { ++pauses_; }

    /// A tick found one of its threads running, at the tick `now`.
    void ran(std::uint64_t now)
    {
        ++ticks_;
        if (ticks_ < kWindowTicks) {
            return;
        }
        if (pauses_ < kWindowTicks / kTicksForEachPause) {
            penalty_end_ = now + kPenaltyTicks;
        }
        ticks_ = 0;
        pauses_ = 0;
    }

    /// The levels that its threads stand lower at the tick `now`.
    unsigned penalty(std::uint64_t now) const { return now < penalty_end_ ? kPenaltyLevels : 0; }

private:
    std::uint64_t ticks_ = 0;  ///< in this window
    std::uint64_t pauses_ = 0; ///< in this window
    std::uint64_t penalty_end_ = 0;
};

} // namespace kernel
