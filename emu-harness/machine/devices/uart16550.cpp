// SPDX-License-Identifier: GPL-2.0-or-later
#include "machine/devices/uart16550.h"

#include "arch/uart16550.h"

namespace ringcheck {

namespace uart = arch::uart16550;

namespace {
constexpr std::uint8_t kFifosEnabled = 0xc0;                                                           ///< IIR
constexpr std::uint8_t kClearToSend = 0x10, kDataSetReady = 0x20, kRing = 0x40, kCarrierDetect = 0x80; ///< MSR
constexpr std::uint8_t kOut1 = 0x04;                                                                   ///< MCR
constexpr std::uint8_t kWritableInterruptEnable = 0x0f, kWritableModemControl = 0x1f;
} // namespace

Uart16550::Uart16550(std::uint16_t base, std::function<void(std::uint8_t)> send, std::function<void(bool)> set_line)
    : base_(base), send_(std::move(send)), set_line_(std::move(set_line))
{
}

bool Uart16550::divisor_selected() const
{
    return (line_control_ & uart::kDivisorLatch) != 0;
}

void Uart16550::receive(std::string_view bytes)
{
    if (bytes.empty()) {
        return;
    }
    received_.insert(received_.end(), bytes.begin(), bytes.end());
    update_line();
}

void Uart16550::forget_unread()
{
    received_.clear();
    update_line();
}

std::uint8_t Uart16550::pending_interrupt() const
{
    if (!received_.empty() && (interrupt_enable_ & uart::kInterruptReceived) != 0) {
        return uart::kIdentificationReceived;
    }
    if (transmitter_interrupt_ && (interrupt_enable_ & uart::kInterruptTransmitter) != 0) {
        return uart::kIdentificationTransmitter;
    }
    return uart::kIdentificationNone;
}

/// On a PC, OUT2 gates the interrupt line.
void Uart16550::update_line()
{
    const bool connected = (modem_control_ & uart::kOut2) != 0 && (modem_control_ & uart::kLoopback) == 0;
    set_line_(connected && pending_interrupt() != uart::kIdentificationNone);
}

std::uint8_t Uart16550::read_data()
{
    if (received_.empty()) {
        return 0;
    }
    const std::uint8_t value = received_.front();
    received_.pop_front();
    set_line_(false); // the next byte arrives after this one was taken
    update_line();
    return value;
}

void Uart16550::transmit(std::uint8_t value)
{
    transmitter_interrupt_ = false;
    update_line();
    if ((modem_control_ & uart::kLoopback) != 0) {
        received_.push_back(value);
    } else {
        send_(value);
    }
    transmitter_interrupt_ = true;
    update_line();
}

std::uint8_t Uart16550::modem_status() const
{
    if ((modem_control_ & uart::kLoopback) == 0) {
        return kClearToSend | kDataSetReady | kCarrierDetect;
    }
    const auto wired = [this](std::uint8_t output, std::uint8_t input) {
        return (modem_control_ & output) != 0 ? input : std::uint8_t{0};
    };
    return static_cast<std::uint8_t>(wired(uart::kRequestToSend, kClearToSend) |
                                     wired(uart::kDataTerminalReady, kDataSetReady) | wired(kOut1, kRing) |
                                     wired(uart::kOut2, kCarrierDetect));
}

std::uint8_t Uart16550::read(std::uint16_t port)
{
    switch (port - base_) {
    case uart::kData: return divisor_selected() ? static_cast<std::uint8_t>(divisor_) : read_data();
    case uart::kInterruptEnable:
        return divisor_selected() ? static_cast<std::uint8_t>(divisor_ >> 8) : interrupt_enable_;
    case uart::kInterruptIdentification: {
        const std::uint8_t pending = pending_interrupt();
        if (pending == uart::kIdentificationTransmitter) {
            transmitter_interrupt_ = false; // reading it here acknowledges it
            update_line();
        }
        return static_cast<std::uint8_t>(pending | (fifo_enabled_ ? kFifosEnabled : 0));
    }
    case uart::kLineControl: return line_control_;
    case uart::kModemControl: return modem_control_;
    case uart::kLineStatus:
        return static_cast<std::uint8_t>(uart::kTransmitterHoldingEmpty | uart::kTransmitterEmpty |
                                         (received_.empty() ? 0 : uart::kDataReady));
    case uart::kModemStatus: return modem_status();
    default: return scratch_;
    }
}

void Uart16550::write(std::uint16_t port, std::uint8_t value)
{
    switch (port - base_) {
    case uart::kData:
        if (divisor_selected()) {
            divisor_ = static_cast<std::uint16_t>((divisor_ & 0xff00) | value);
        } else {
            transmit(value);
        }
        break;
    case uart::kInterruptEnable:
        if (divisor_selected()) {
            divisor_ = static_cast<std::uint16_t>((divisor_ & 0xff) | value << 8);
        } else {
            // Enabling the transmitter interrupt while the holding register is empty, which it always is, raises it.
            transmitter_interrupt_ |= (value & ~interrupt_enable_ & uart::kInterruptTransmitter) != 0;
            interrupt_enable_ = value & kWritableInterruptEnable;
            update_line();
        }
        break;
    case uart::kFifoControl:
        fifo_enabled_ = (value & uart::kFifoEnable) != 0;
        // Clearing the receive FIFO drops nothing that was typed: those bytes are still on the line.
        break;
    case uart::kLineControl: line_control_ = value; break;
    case uart::kModemControl:
        modem_control_ = value & kWritableModemControl;
        update_line();
        break;
    case uart::kScratch: scratch_ = value; break;
    default: break; // line and modem status are read-only
    }
}

} // namespace ringcheck
