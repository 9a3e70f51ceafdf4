// SPDX-License-Identifier: MIT
// The 16550 UART: register offsets from the port base, and their bits.  [PC16550D datasheet "Registers"]
#pragma once

#include <cstdint>

namespace arch::uart16550 {

inline constexpr std::uint16_t kCom1 = 0x3f8, kCom2 = 0x2f8;
inline constexpr unsigned kCom1Irq = 4, kCom2Irq = 3;
inline constexpr std::uint16_t kPortCount = 8;

/// Offsets.  Data and interrupt enable become the divisor's bytes while LCR.DLAB is set.
inline constexpr std::uint16_t kData = 0, kInterruptEnable = 1, kInterruptIdentification = 2, kFifoControl = 2,
                               kLineControl = 3, kModemControl = 4, kLineStatus = 5, kModemStatus = 6, kScratch = 7;

inline constexpr std::uint8_t kInterruptReceived = 1 << 0;    ///< IER: data received
inline constexpr std::uint8_t kInterruptTransmitter = 1 << 1; ///< IER: transmitter holding register empty
inline constexpr std::uint8_t kIdentificationNone = 1 << 0;   ///< IIR: no interrupt pending
inline constexpr std::uint8_t kIdentificationReceived = 0x04, kIdentificationTransmitter = 0x02;
inline constexpr std::uint8_t kFifoEnable = 1 << 0, kFifoClearReceive = 1 << 1, kFifoClearTransmit = 1 << 2;
inline constexpr std::uint8_t kEightBits = 0x03, kDivisorLatch = 1 << 7;
inline constexpr std::uint8_t kDataTerminalReady = 1 << 0, kRequestToSend = 1 << 1, kOut2 = 1 << 3, kLoopback = 1 << 4;
inline constexpr std::uint8_t kDataReady = 1 << 0, kTransmitterHoldingEmpty = 1 << 5, kTransmitterEmpty = 1 << 6;

} // namespace arch::uart16550
