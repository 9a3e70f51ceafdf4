// SPDX-License-Identifier: GPL-2.0-or-later
#include "machine/devices/cmos.h"

namespace ringcheck {

namespace {

/// Monday, 1 January 2024, 12:00:00.
constexpr struct {
    std::uint8_t index, value;
} kRegisters[] = {
    {0x00, 0x00}, // seconds
    {0x02, 0x00}, // minutes
    {0x04, 0x12}, // hours
    {0x06, 0x02}, // day of the week, Sunday is 1
    {0x07, 0x01}, // day
    {0x08, 0x01}, // month
    {0x09, 0x24}, // year
    {0x0a, 0x26}, // status A: no update in progress, the usual divider and rate
    {0x0b, 0x02}, // status B: 24-hour mode, BCD, no interrupts
    {0x0d, 0x80}, // status D: the battery is good
    {0x32, 0x20}, // century
};

constexpr std::uint8_t kIndexBits = 0x7f; ///< bit 7 of the index port masks NMI, of which nothing here raises one

} // namespace

std::uint8_t Cmos::read(std::uint16_t port)
{
    if (port == kIndexPort) {
        return 0xff; // write-only
    }
    for (const auto& entry : kRegisters) {
        if (entry.index == index_) {
            return entry.value;
        }
    }
    return 0;
}

void Cmos::write(std::uint16_t port, std::uint8_t value)
{
    if (port == kIndexPort) {
        index_ = value & kIndexBits;
    }
    // The date cannot be set.
}

} // namespace ringcheck
