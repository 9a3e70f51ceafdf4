// SPDX-License-Identifier: GPL-2.0-or-later
// The ports by which a guest ends its machine.  They only remember the wish; the machine looks after each port write.
// [QEMU documentation "isa-debug-exit"; keyboard controller and port 92h reset: IBM PC/AT and PS/2 Technical Reference]
#pragma once

#include "machine/devices/port_device.h"

#include <cstdint>
#include <optional>
#include <tuple>

namespace ringcheck {

class PortBus;

class ExitPorts : public PortDevice {
public:
    enum class Wish : std::uint8_t { PowerOff, Reset, DebugExit };
    struct Request {
        Wish wish{};
        std::uint32_t value = 0; ///< DebugExit: what was written
        bool operator==(const Request&) const = default;
        auto saved_fields(this auto& self) { return std::tie(self.wish, self.value); }
        bool possible() const { return wish <= Wish::DebugExit; }
    };

    void attach_to(PortBus& bus);
    const std::optional<Request>& request() const { return request_; }
    void clear() { request_.reset(); }

    std::uint8_t read(std::uint16_t port) override;
    void write(std::uint16_t port, std::uint8_t value) override;
    bool write_wide(std::uint16_t port, unsigned bytes, std::uint32_t value) override;

    /// What a snapshot keeps of it (saved_fields.h).
    auto saved_fields(this auto& self) { return std::tie(self.request_); }

private:
    std::optional<Request> request_;
};

} // namespace ringcheck
