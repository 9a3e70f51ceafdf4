// SPDX-License-Identifier: GPL-2.0-or-later
// Guest time.  One retired instruction takes one nanosecond; in HLT the clock jumps to the next event of a device.
// So guest time = retired instructions + nanoseconds idle, the TSC counts at 1 GHz, and two runs see the same times.
// A REP string instruction retires once per iteration, and takes as many nanoseconds.
#pragma once

#include <cstdint>
#include <tuple>

namespace ringcheck {

class Clock {
public:
    static constexpr std::uint64_t kHz = 1'000'000'000;

    /// Nanoseconds since the machine was switched on, after `instructions` retired.
    std::uint64_t now(std::uint64_t instructions) const { return instructions + idle_; }
    /// How many instructions will have retired at `time` if the CPU never idles again; 0 if `time` is past.
    std::uint64_t instructions_at(std::uint64_t time) const { return time > idle_ ? time - idle_ : 0; }

    void idle_for(std::uint64_t nanoseconds) { idle_ += nanoseconds; }
    std::uint64_t idle() const { return idle_; }

    /// What a snapshot keeps of it (saved_fields.h).
    auto saved_fields(this auto& self) { return std::tie(self.idle_); }
    bool possible() const { return idle_ >> 62 == 0; } ///< or the time would wrap

private:
    std::uint64_t idle_ = 0;
};

} // namespace ringcheck
