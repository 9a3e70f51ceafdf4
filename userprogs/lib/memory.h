// SPDX-License-Identifier: MIT
// The memory calls.  Results are the kernel's RAX: a negative error number on failure.
#pragma once

#include "lib/syscall.h"
#include "uapi/memory.h"

namespace user {

/// mmap(2) of anonymous pages.
inline std::int64_t mmap(std::uint64_t address, std::uint64_t length, std::uint64_t protection, std::uint64_t flags)
{
    std::int64_t result = 0;
    register std::uint64_t r10 asm("r10") = flags;
    register std::uint64_t r8 asm("r8") = ~std::uint64_t{0}; // no file
    register std::uint64_t r9 asm("r9") = 0;
    asm volatile("syscall"
                 : "=a"(result)
                 : "a"(static_cast<std::uint64_t>(uapi::Syscall::Mmap)), "D"(address), "S"(length), "d"(protection),
                   "r"(r10), "r"(r8), "r"(r9)
                 : "rcx", "r11", "memory");
    return result;
}

inline std::int64_t munmap(std::uint64_t address, std::uint64_t length)
{
    return system_call(uapi::Syscall::Munmap, address, length);
}

inline std::int64_t mprotect(std::uint64_t address, std::uint64_t length, std::uint64_t protection)
{
    return system_call(uapi::Syscall::Mprotect, address, length, protection);
}

inline std::int64_t mremap(std::uint64_t address, std::uint64_t old_length, std::uint64_t new_length,
                           std::uint64_t flags, std::uint64_t new_address)
{
    std::int64_t result = 0;
    register std::uint64_t r10 asm("r10") = flags;
    register std::uint64_t r8 asm("r8") = new_address;
    asm volatile("syscall"
                 : "=a"(result)
                 : "a"(static_cast<std::uint64_t>(uapi::Syscall::Mremap)), "D"(address), "S"(old_length),
                   "d"(new_length), "r"(r10), "r"(r8)
                 : "rcx", "r11", "memory");
    return result;
}

/// The heap's end after the call, whether it was moved or not.
inline std::uint64_t brk(std::uint64_t end)
{
    return static_cast<std::uint64_t>(system_call(uapi::Syscall::Brk, end));
}

inline std::int64_t madvise(std::uint64_t address, std::uint64_t length, uapi::Advice advice)
{
    return system_call(uapi::Syscall::Madvise, address, length, static_cast<std::uint64_t>(advice));
}

} // namespace user
