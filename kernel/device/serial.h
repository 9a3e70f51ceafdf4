// SPDX-License-Identifier: MIT
// A 16550 UART: output by polling, input by interrupt.  [PC16550D datasheet]
#pragma once

#include "base/format.h"

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
    /// The next byte that has arrived; false when there is none.
    bool read(char& byte);

private:
    void send(char byte);

    std::uint16_t port_;
    bool present_ = false;
};

/// COM1, the console.
extern Serial console;

} // namespace kernel
