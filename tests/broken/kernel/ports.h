// SPDX-License-Identifier: MIT
// IN and OUT.
#pragma once

#include <cstdint>

inline void out8(std::uint16_t port, std::uint8_t value)
{
    asm volatile("outb %0, %1" ::"a"(value), "Nd"(port));
}

inline void out16(std::uint16_t port, std::uint16_t value)
{
    asm volatile("outw %0, %1" ::"a"(value), "Nd"(port));
}

inline std::uint8_t in8(std::uint16_t port)
{
    std::uint8_t value = 0;
    asm volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}
