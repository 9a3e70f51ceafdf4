// SPDX-License-Identifier: MIT
#include "device/serial.h"

#include "arch/uart16550.h"
#include "cpu/port_io.h"

namespace kernel {

namespace uart = arch::uart16550;

constinit Serial console{uart::kCom1};

bool Serial::initialise()
{
    constexpr std::uint8_t kProbe = 0x5a;
    out8(port_ + uart::kScratch, kProbe);
    if (in8(port_ + uart::kScratch) != kProbe) {
        return false;
    }
    out8(port_ + uart::kInterruptEnable, 0);
    out8(port_ + uart::kLineControl, uart::kDivisorLatch);
    out8(port_ + uart::kData, 1); // divisor 1: 115200 baud
    out8(port_ + uart::kInterruptEnable, 0);
    out8(port_ + uart::kLineControl, uart::kEightBits);
    out8(port_ + uart::kFifoControl, uart::kFifoEnable | uart::kFifoClearReceive | uart::kFifoClearTransmit);
    out8(port_ + uart::kModemControl, uart::kDataTerminalReady | uart::kRequestToSend | uart::kOut2);
    present_ = true;
    return true;
}

void Serial::enable_receive_interrupt()
{
    out8(port_ + uart::kInterruptEnable, uart::kInterruptReceived);
}

void Serial::send_byte(char byte)
{
    for (;;) {
        const std::uint8_t status = in8(port_ + uart::kLineStatus);
        if ((status & uart::kDataReady) != 0 && used_ < kKept) {
            receive_byte();
        }
        if ((status & uart::kTransmitterHoldingEmpty) != 0) {
            break;
        }
    }
    out8(port_ + uart::kData, static_cast<std::uint8_t>(byte));
}

void Serial::write(base::StringView text)
{
    if (!present_) {
        return;
    }
    for (const char byte : text) {
        if (byte == '\n') {
            send_byte('\r');
        }
        send_byte(byte);
    }
}

void Serial::send(base::StringView bytes)
{
    if (!present_) {
        return;
    }
    for (const char byte : bytes) {
        send_byte(byte);
    }
}

void Serial::receive_byte()
{
    received_[(next_ + used_) % kKept] = in8(port_ + uart::kData);
    ++used_;
}

void Serial::receive()
{
    while (present_ && used_ < kKept && (in8(port_ + uart::kLineStatus) & uart::kDataReady) != 0) {
        receive_byte();
    }
}

bool Serial::read(std::uint8_t& byte)
{
    if (used_ == 0) {
        return false;
    }
    byte = received_[next_];
    next_ = (next_ + 1) % kKept;
    --used_;
    return true;
}

} // namespace kernel
