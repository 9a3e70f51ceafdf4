// SPDX-License-Identifier: GPL-2.0-or-later
// A 16550 UART with an endlessly fast line: a byte written is sent at once, a byte to receive arrives as soon as the
// one before it has been read.  So it never overruns, and its interrupt makes one edge for each byte. [PC16550D
// datasheet "Registers", "FIFO Interrupt Mode Operation"]
#pragma once

#include "machine/devices/port_device.h"

#include <cstdint>
#include <deque>
#include <functional>
#include <string_view>
#include <tuple>

namespace ringcheck {

class Uart16550 : public PortDevice {
public:
    /// @param base     first of its eight ports
    /// @param send     called with each byte the guest transmits
    /// @param set_line called with the level of its interrupt line; called again for each byte that arrives
    Uart16550(std::uint16_t base, std::function<void(std::uint8_t)> send, std::function<void(bool)> set_line);

    /// Bytes that somebody types at the other end.
    void receive(std::string_view bytes);
    /// Takes back what was typed and the guest has not read.
    void forget_unread();
    /// True when the guest has read everything that was typed.
    bool all_read() const { return received_.empty(); }

    std::uint8_t read(std::uint16_t port) override;
    void write(std::uint16_t port, std::uint8_t value) override;

    /// What a snapshot keeps of it (saved_fields.h).
    auto saved_fields(this auto& self)
    {
        return std::tie(self.received_, self.divisor_, self.interrupt_enable_, self.line_control_, self.modem_control_,
                        self.scratch_, self.fifo_enabled_, self.transmitter_interrupt_);
    }

private:
    std::uint8_t read_data();
    void transmit(std::uint8_t value);
    std::uint8_t pending_interrupt() const;
    std::uint8_t modem_status() const;
    void update_line();
    bool divisor_selected() const;

    std::uint16_t base_;
    std::function<void(std::uint8_t)> send_;
    std::function<void(bool)> set_line_;
    std::deque<std::uint8_t> received_;
    std::uint16_t divisor_ = 1;
    std::uint8_t interrupt_enable_ = 0, line_control_ = 0, modem_control_ = 0, scratch_ = 0;
    bool fifo_enabled_ = false;
    bool transmitter_interrupt_ = false; ///< the holding register became empty and nobody has looked yet
};

} // namespace ringcheck
