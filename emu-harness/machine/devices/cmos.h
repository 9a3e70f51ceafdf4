// SPDX-License-Identifier: GPL-2.0-or-later
// The CMOS clock, stopped at one date so that every run reads the same time.  BCD, 24-hour mode.  Its periodic
// interrupt and that of the end of an update, once a second, follow guest time all the same.  No alarm.
// [MC146818 datasheet "Address Map", "Registers", "Interrupts"]
#pragma once

#include "machine/devices/port_device.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <tuple>

namespace ringcheck {

class Cmos : public PortDevice {
public:
    static constexpr std::uint16_t kIndexPort = 0x70, kDataPort = 0x71;
    static constexpr unsigned kIrq = 8;

    /// @param set_line  called with the level of its interrupt line
    Cmos(std::function<std::uint64_t()> now, std::function<void(bool)> set_line, ReportUnmodelled report);

    /// Lets everything happen that is due at the present time.
    void advance();
    /// When, in nanoseconds, `advance` next changes the interrupt line.
    std::optional<std::uint64_t> next_event() const;

    std::uint8_t read(std::uint16_t port) override;
    void write(std::uint16_t port, std::uint8_t value) override;

    /// What a snapshot keeps of it (saved_fields.h).
    auto saved_fields(this auto& self)
    {
        return std::tie(self.index_, self.status_a_, self.status_b_, self.status_c_, self.seen_);
    }

private:
    /// Ticks of 32768 Hz between two periodic interrupts; 0: none.
    std::uint64_t period() const;
    void update_line();

    std::function<std::uint64_t()> now_;
    std::function<void(bool)> set_line_;
    ReportUnmodelled report_;
    std::uint8_t index_ = 0, status_a_, status_b_, status_c_ = 0;
    std::uint64_t seen_ = 0; ///< ticks that have passed when advance() was called last
};

} // namespace ringcheck
