// SPDX-License-Identifier: MIT
// A 16550 UART without interrupts: each character waits until the transmitter is empty.
#include "guests/common/serial.h"

#include "guests/common/instructions.h"

namespace {

constexpr std::uint16_t kData = 0x3f8, kInterruptEnable = 0x3f9, kFifoControl = 0x3fa, kLineControl = 0x3fb,
                        kLineStatus = 0x3fd;
constexpr std::uint8_t kDivisorAccess = 0x80, kEightBits = 0x03, kTransmitterEmpty = 0x20;

void write_character(char character)
{
    while ((in8(kLineStatus) & kTransmitterEmpty) == 0) {
    }
    out8(kData, static_cast<std::uint8_t>(character));
}

} // namespace

void serial_start()
{
    out8(kInterruptEnable, 0);
    out8(kLineControl, kDivisorAccess);
    out8(kData, 1); // 115200 baud
    out8(kInterruptEnable, 0);
    out8(kLineControl, kEightBits);
    out8(kFifoControl, 0x07);
}

void serial_write(const char* text, std::size_t bytes)
{
    for (std::size_t i = 0; i < bytes; ++i) {
        if (text[i] == '\n') {
            write_character('\r');
        }
        write_character(text[i]);
    }
}

void serial_write(const char* text)
{
    std::size_t bytes = 0;
    while (text[bytes] != '\0') {
        ++bytes;
    }
    serial_write(text, bytes);
}

void serial_write_number(std::uint64_t number)
{
    char digits[20];
    std::size_t first = sizeof digits;
    do {
        digits[--first] = static_cast<char>('0' + number % 10);
        number /= 10;
    } while (number != 0);
    serial_write(digits + first, sizeof digits - first);
}
