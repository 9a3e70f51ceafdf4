// SPDX-License-Identifier: MIT
// The instructions that C++ has no words for.
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

inline std::uint64_t read_msr(std::uint32_t msr)
{
    std::uint32_t low = 0, high = 0;
    asm volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(msr));
    return std::uint64_t{high} << 32 | low;
}

inline void write_msr(std::uint32_t msr, std::uint64_t value)
{
    asm volatile("wrmsr" ::"c"(msr), "a"(static_cast<std::uint32_t>(value)),
                 "d"(static_cast<std::uint32_t>(value >> 32))
                 : "memory");
}

inline void write_cr3(std::uint64_t value)
{
    asm volatile("movq %0, %%cr3" ::"r"(value) : "memory");
}

/// Stops for good.
[[noreturn]] inline void stop()
{
    for (;;) {
        asm volatile("cli; hlt");
    }
}
