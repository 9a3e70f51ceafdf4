// SPDX-License-Identifier: GPL-2.0-or-later
#include "machine/devices/port_bus.h"

#include <fmt/format.h>

#include <cassert>

namespace ringcheck {

void PortBus::attach(std::uint16_t first, unsigned count, PortDevice& device)
{
    for (unsigned offset = 0; offset < count; ++offset) {
        assert(find(static_cast<std::uint16_t>(first + offset)) == nullptr);
    }
    ranges_.push_back({first, count, &device});
}

PortDevice* PortBus::find(std::uint16_t port) const
{
    for (const Range& range : ranges_) {
        if (port >= range.first && port - range.first < static_cast<int>(range.count)) {
            return range.device;
        }
    }
    return nullptr;
}

std::uint32_t PortBus::read(std::uint16_t port, unsigned bytes)
{
    std::uint32_t value = 0;
    bool answered = false;
    for (unsigned index = 0; index < bytes; ++index) {
        const auto at = static_cast<std::uint16_t>(port + index);
        PortDevice* const device = find(at);
        answered |= device != nullptr;
        value |= std::uint32_t{device != nullptr ? device->read(at) : std::uint8_t{0xff}} << (8 * index);
    }
    if (!answered) {
        report_(fmt::format("port {:#x} read, {} bits", port, 8 * bytes));
    }
    return value;
}

void PortBus::write(std::uint16_t port, unsigned bytes, std::uint32_t value)
{
    PortDevice* const first = find(port);
    if (bytes > 1 && first != nullptr && first->write_wide(port, bytes, value)) {
        return;
    }
    bool answered = false;
    for (unsigned index = 0; index < bytes; ++index) {
        const auto at = static_cast<std::uint16_t>(port + index);
        if (PortDevice* const device = find(at)) {
            device->write(at, static_cast<std::uint8_t>(value >> (8 * index)));
            answered = true;
        }
    }
    if (!answered) {
        report_(fmt::format("port {:#x} written with {:#x}, {} bits", port, value, 8 * bytes));
    }
}

} // namespace ringcheck
