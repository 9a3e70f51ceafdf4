// SPDX-License-Identifier: GPL-2.0-or-later
// The fixed hardware of ACPI that only tells: PM1 events, of which none happens, and the power management timer.
// Power-off and reset are exit_ports.h's.  [ACPI Specification 6.5 "PM1 Event Grouping", "Power Management Timer"]
#pragma once

#include "arch/acpi.h"
#include "machine/clock.h"
#include "machine/devices/port_device.h"

#include <cstdint>
#include <functional>
#include <tuple>

namespace ringcheck {

class AcpiPorts : public PortDevice {
public:
    /// Where QEMU's pc machine has them.
    static constexpr std::uint16_t kPm1Event = 0x600, kPmTimer = 0x608;
    static constexpr unsigned kPm1EventBytes = 4, kPmTimerBytes = 4;

    explicit AcpiPorts(std::function<std::uint64_t()> now) : now_(std::move(now)) {}

    std::uint8_t read(std::uint16_t port) override
    {
        if (port < kPmTimer) {
            return events_[port - kPm1Event];
        }
        const auto ticks = static_cast<unsigned __int128>(now_()) * arch::acpi::kPmTimerHz / Clock::kHz;
        return static_cast<std::uint8_t>(ticks >> (8 * (port - kPmTimer)));
    }
    void write(std::uint16_t port, std::uint8_t value) override
    {
        constexpr std::uint16_t kEnable = kPm1Event + kPm1EventBytes / 2; // status bits are cleared by writing them
        if (port >= kEnable && port < kPmTimer) {
            events_[port - kPm1Event] = value;
        }
    }

    /// What a snapshot keeps of it (saved_fields.h).
    auto saved_fields(this auto& self) { return std::tie(self.events_); }

private:
    std::function<std::uint64_t()> now_;
    std::uint8_t events_[kPm1EventBytes] = {};
};

} // namespace ringcheck
