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

void Serial::send(char byte)
{
    while ((in8(port_ + uart::kLineStatus) & uart::kTransmitterHoldingEmpty) == 0) {
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
            send('\r');
        }
        send(byte);
    }
}

bool Serial::read(char& byte)
{
    if (!present_ || (in8(port_ + uart::kLineStatus) & uart::kDataReady) == 0) {
        return false;
    }
    byte = static_cast<char>(in8(port_ + uart::kData));
    return true;
}

} // namespace kernel
