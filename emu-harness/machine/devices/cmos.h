// SPDX-License-Identifier: GPL-2.0-or-later
// The CMOS clock, stopped at one date so that every run reads the same time.  BCD, 24-hour mode.
// [MC146818 datasheet "Address Map", "Registers"]
#pragma once

#include "machine/devices/port_device.h"

#include <cstdint>

namespace ringcheck {

class Cmos : public PortDevice {
public:
    static constexpr std::uint16_t kIndexPort = 0x70, kDataPort = 0x71;

    std::uint8_t read(std::uint16_t port) override;
    void write(std::uint16_t port, std::uint8_t value) override;

private:
    std::uint8_t index_ = 0;
};

} // namespace ringcheck
