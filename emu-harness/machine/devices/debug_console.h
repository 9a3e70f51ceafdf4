// SPDX-License-Identifier: GPL-2.0-or-later
// Ports that only take bytes: the debug console, and the POST port that kernels write to in order to wait a moment.
// [QEMU documentation "isa-debugcon"]
#pragma once

#include "machine/devices/port_device.h"

#include <cstdint>
#include <string>
#include <tuple>

namespace ringcheck {

class DebugConsole : public PortDevice {
public:
    /// Reading the debug console gives its own port number: that is how a guest finds out that it is there.
    std::uint8_t read(std::uint16_t port) override { return static_cast<std::uint8_t>(port); }
    void write(std::uint16_t, std::uint8_t value) override { text_ += static_cast<char>(value); }
    const std::string& text() const { return text_; }

    /// What a snapshot keeps of it (saved_fields.h).
    auto saved_fields(this auto& self) { return std::tie(self.text_); }

private:
    std::string text_;
};

class PostPort : public PortDevice {
public:
    static constexpr std::uint16_t kPort = 0x80;
    std::uint8_t read(std::uint16_t) override { return last_; }
    void write(std::uint16_t, std::uint8_t value) override { last_ = value; }

    /// What a snapshot keeps of it (saved_fields.h).
    auto saved_fields(this auto& self) { return std::tie(self.last_); }

private:
    std::uint8_t last_ = 0;
};

} // namespace ringcheck
