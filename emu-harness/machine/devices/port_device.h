// SPDX-License-Identifier: GPL-2.0-or-later
// What every device behind I/O ports offers to the bus.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace ringcheck {

/// Tells the machine that the guest asked for something a device does not do: "PIC command 0xc2 (rotate)".
using ReportUnmodelled = std::function<void(const std::string& what)>;

/// A device of byte-wide ports.  One that takes wider words overrides `write_wide`.
class PortDevice {
public:
    virtual ~PortDevice() = default;

    /// @param port  absolute port number, within the range the device was attached at
    virtual std::uint8_t read(std::uint16_t port) = 0;
    virtual void write(std::uint16_t port, std::uint8_t value) = 0;

    /// A write of 2 or 4 bytes.  An ISA bus splits it into bytes at consecutive ports, lowest first.
    /// @return false when the device wants just that
    virtual bool write_wide(std::uint16_t /*port*/, unsigned /*bytes*/, std::uint32_t /*value*/) { return false; }
};

} // namespace ringcheck
