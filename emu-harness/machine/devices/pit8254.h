// SPDX-License-Identifier: GPL-2.0-or-later
// The 8254 interval timer: three counters, the first wired to interrupt line 0.
// Counting is not simulated tick by tick: a counter is a start tick and a period, everything else follows from the
// time. Modes 0 (one shot), 2 (rate) and 3 (square wave), binary; other modes are reported and count like mode 2. [8254
// datasheet "Programming the 8254", "Mode Definitions"]
#pragma once

#include "machine/devices/port_device.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <tuple>

namespace ringcheck {

/// One counter.  Times are input clock ticks since the machine started.
class PitCounter {
public:
    enum class Access : std::uint8_t { Low = 1, High = 2, LowHigh = 3 };

    void program(std::uint8_t control, std::uint64_t tick);
    void write(std::uint8_t value, std::uint64_t tick);
    std::uint8_t read(std::uint64_t tick);
    void latch_count(std::uint64_t tick);
    void latch_status(std::uint64_t tick);

    /// The first tick after `tick` at which OUT rises, if it ever does without further programming.
    std::optional<std::uint64_t> next_rise(std::uint64_t tick) const;
    bool output(std::uint64_t tick) const;
    unsigned mode() const { return mode_; }

    /// What a snapshot keeps of it (saved_fields.h).
    auto saved_fields(this auto& self)
    {
        return std::tie(self.access_, self.control_, self.mode_, self.reload_, self.start_, self.low_written_,
                        self.high_byte_next_write_, self.high_byte_next_read_, self.latched_count_,
                        self.latched_status_);
    }

private:
    std::uint64_t period() const { return reload_ == 0 ? 0x1'0000 : reload_; }
    std::uint16_t count(std::uint64_t tick) const;

    Access access_ = Access::LowHigh;
    std::uint8_t control_ = 0;
    unsigned mode_ = 0;
    std::uint16_t reload_ = 0;
    std::optional<std::uint64_t> start_; ///< the tick at which the count was loaded; none until it is written
    std::uint8_t low_written_ = 0;
    bool high_byte_next_write_ = false, high_byte_next_read_ = false;
    std::optional<std::uint16_t> latched_count_;
    std::optional<std::uint8_t> latched_status_;
};

class Pit8254 : public PortDevice {
public:
    /// @param now       reads the machine's clock in nanoseconds
    /// @param interrupt called once for each rising edge of counter 0 that `advance` passes
    Pit8254(std::function<std::uint64_t()> now, std::function<void()> interrupt, ReportUnmodelled report);

    /// Lets everything happen that is due at the present time.
    void advance();
    /// When, in nanoseconds, `advance` next has something to do.
    std::optional<std::uint64_t> next_event() const;

    std::uint8_t read(std::uint16_t port) override;
    void write(std::uint16_t port, std::uint8_t value) override;

    /// What a snapshot keeps of it (saved_fields.h).
    auto saved_fields(this auto& self) { return std::tie(self.counters_, self.next_rise_); }
    /// What was due long ago has been done.
    bool possible() const;

private:
    std::uint64_t tick() const;
    void read_back(std::uint8_t command);

    std::function<std::uint64_t()> now_;
    std::function<void()> interrupt_;
    ReportUnmodelled report_;
    PitCounter counters_[3];
    std::optional<std::uint64_t> next_rise_; ///< of counter 0, in ticks
};

} // namespace ringcheck
