// SPDX-License-Identifier: GPL-2.0-or-later
// The 64 Ki I/O ports: which device answers at which.  A port without a device reads as all ones, as on an ISA bus, and
// is reported by name.
#pragma once

#include "machine/devices/port_device.h"

#include <cstdint>
#include <vector>

namespace ringcheck {

class PortBus {
public:
    explicit PortBus(ReportUnmodelled report) : report_(std::move(report)) {}

    /// Ports first .. first + count - 1 belong to `device`, which outlives the bus.  Ranges must not overlap.
    void attach(std::uint16_t first, unsigned count, PortDevice& device);

    /// @param bytes  1, 2 or 4
    std::uint32_t read(std::uint16_t port, unsigned bytes);
    void write(std::uint16_t port, unsigned bytes, std::uint32_t value);

private:
    struct Range {
        std::uint16_t first;
        unsigned count;
        PortDevice* device;
    };
    PortDevice* find(std::uint16_t port) const;

    std::vector<Range> ranges_;
    ReportUnmodelled report_;
};

} // namespace ringcheck
