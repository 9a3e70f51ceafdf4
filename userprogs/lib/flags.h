// SPDX-License-Identifier: MIT
// RFLAGS, as a program sees and sets it.  [SDM 1 "EFLAGS Register"]
#pragma once

#include <cstdint>

namespace flags {

inline constexpr std::uint64_t kTrap = 1 << 8, kInterrupt = 1 << 9, kDirection = 1 << 10, kIoPrivilege = 3 << 12,
                               kNestedTask = 1 << 14, kVirtual8086 = 1 << 17, kAlignmentCheck = 1 << 18,
                               kVirtualInterrupt = 1 << 19, kVirtualInterruptPending = 1 << 20;

inline std::uint64_t read()
{
    std::uint64_t value = 0;
    asm volatile("pushfq; pop %0" : "=r"(value));
    return value;
}

inline void write(std::uint64_t value)
{
    asm volatile("push %0; popfq" : : "r"(value) : "cc", "memory");
}

inline constexpr std::uint64_t kUnknownCall = 9999;

struct AfterCall {
    std::int64_t result;
    std::uint64_t flags;
};

/// Sets `extra`, makes an unknown call at once, and clears it again.  @return the call's result, the flags behind it
inline AfterCall call_with(std::uint64_t extra, std::uint64_t number = kUnknownCall, std::uint64_t a = 0,
                           std::uint64_t b = 0, std::uint64_t c = 0)
{
    const std::uint64_t usual = read();
    AfterCall after{};
    asm volatile("push %[with]; popfq; syscall; pushfq; pop %[flags]; push %[usual]; popfq"
                 : "=a"(after.result), [flags] "=&r"(after.flags)
                 : "a"(number), "D"(a), "S"(b), "d"(c), [with] "r"(usual | extra), [usual] "r"(usual)
                 : "rcx", "r11", "cc", "memory");
    return after;
}

/// Sets `extra` for some ticks of the timer.  @return the flags after them
inline std::uint64_t compute_with(std::uint64_t extra, std::uint64_t steps)
{
    const std::uint64_t usual = read();
    std::uint64_t after = 0;
    asm volatile("push %[with]; popfq; 1: dec %[steps]; jnz 1b; pushfq; pop %[after]; push %[usual]; popfq"
                 : [after] "=&r"(after), [steps] "+r"(steps)
                 : [with] "r"(usual | extra), [usual] "r"(usual)
                 : "cc", "memory");
    return after;
}

} // namespace flags
