// SPDX-License-Identifier: MIT
// A 16550 UART: output by polling, input by interrupt.  What arrives while output goes out is kept, so that a busy
// console loses no key.  [PC16550D datasheet]
#pragma once

#include "base/format.h"

#include <cstddef>
#include <cstdint>

namespace kernel {

class Serial : public base::Writer {
public:
    constexpr explicit Serial(std::uint16_t port) : port_(port) {}

    /// 115200 baud, 8 data bits, no parity, FIFOs on, no interrupts.
    /// False when no UART answers at the port; writing then does nothing.
    bool initialise();
    /// Raises the UART's interrupt line when a byte has arrived.
    void enable_receive_interrupt();

    /// Waits for room in the transmitter; "\n" goes out as "\r\n".
    void write(base::StringView text) override;
    /// The same, and nothing is changed.
    void send(base::StringView bytes);

    /// Takes what has arrived out of the UART, as much as there is room for; the rest waits in the UART.
    void receive();
    /// The oldest byte that has been received; false when there is none.
    bool read(std::uint8_t& byte);
    bool has_received() const { return used_ > 0; }

private:
    static constexpr std::size_t kKept = 1024;

    void send_byte(char byte);
    void receive_byte();

    std::uint16_t port_;
    bool present_ = false;
    std::uint8_t received_[kKept] = {};
    std::size_t next_ = 0; ///< of received_, to be read
    std::size_t used_ = 0;
};

/// COM1, the console.
extern Serial console;

} // namespace kernel
