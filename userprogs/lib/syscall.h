// SPDX-License-Identifier: MIT
// System calls for programs without a C library.  [psABI AMD64 "Linux Conventions: Calling Conventions"]
#pragma once

#include "uapi/files.h"
#include "uapi/syscalls.h"

#include <cstddef>

namespace user {

/// The call itself: the kernel's RAX, a negative error number on failure.  SYSCALL overwrites RCX and R11.
inline std::int64_t system_call(uapi::Syscall number, std::uint64_t a = 0, std::uint64_t b = 0, std::uint64_t c = 0)
{
    std::int64_t result = 0;
    asm volatile("syscall"
                 : "=a"(result)
                 : "a"(static_cast<std::uint64_t>(number)), "D"(a), "S"(b), "d"(c)
                 : "rcx", "r11", "memory");
    return result;
}

/// Any number, known or not, with everything that the registers can hold.
inline std::int64_t raw_call(std::uint64_t number, std::uint64_t a = 0, std::uint64_t b = 0, std::uint64_t c = 0,
                             std::uint64_t d = 0, std::uint64_t e = 0, std::uint64_t f = 0)
{
    std::int64_t result = 0;
    register std::uint64_t r10 asm("r10") = d;
    register std::uint64_t r8 asm("r8") = e;
    register std::uint64_t r9 asm("r9") = f;
    asm volatile("syscall"
                 : "=a"(result)
                 : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                 : "rcx", "r11", "memory");
    return result;
}

/// The same for calls of which more than three arguments count.
inline std::int64_t system_call(uapi::Syscall number, std::uint64_t a, std::uint64_t b, std::uint64_t c,
                                std::uint64_t d, std::uint64_t e = 0, std::uint64_t f = 0)
{
    return raw_call(static_cast<std::uint64_t>(number), a, b, c, d, e, f);
}

inline std::int64_t write(std::uint64_t fd, const void* bytes, std::size_t count)
{
    return system_call(uapi::Syscall::Write, fd, reinterpret_cast<std::uint64_t>(bytes), count);
}

/// Writes a string literal to standard output.
template <std::size_t N> std::int64_t print(const char (&text)[N])
{
    return write(uapi::kStandardOutput, text, N - 1);
}

[[noreturn]] inline void exit(int status)
{
    for (;;) {
        system_call(uapi::Syscall::Exit, static_cast<std::uint64_t>(status));
    }
}

} // namespace user
