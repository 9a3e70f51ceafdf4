// SPDX-License-Identifier: MIT
// The system calls: number, name and argument kinds, in one table that dispatch, user stubs and both tracers read.
// Numbers and argument order are Linux x86-64's: number in RAX, arguments in RDI, RSI, RDX, R10, R8, R9.
// [psABI AMD64 "Linux Conventions: Calling Conventions"]
// All 64 bits of RAX are the number, compared as unsigned.  An argument is what its C type makes of the register: an
// int or unsigned is its lower half, whatever the upper half holds; a pointer or a size_t is all of it.
#pragma once

#include <cstdint>

namespace uapi {

enum class Syscall : std::uint64_t {
    Write = 1,
    Mmap = 9,
    Mprotect = 10,
    Munmap = 11,
    Brk = 12,
    SchedYield = 24,
    Mremap = 25,
    Madvise = 28,
    Getpid = 39,
    Exit = 60,
    Getppid = 110,
    ArchPrctl = 158,
    Gettid = 186,
    SetTidAddress = 218,
    ExitGroup = 231,
    Getrandom = 318,
};

/// What an argument means, so that a tracer can print it.
enum class Arg : std::uint8_t {
    None,
    Int,     ///< int
    Fd,      ///< int, file descriptor
    Address, ///< user pointer, printed as it is
    BytesIn, ///< user pointer to bytes that the kernel reads; the next argument is their count
    Size,    ///< size_t
    Status,  ///< int, exit status
};

inline constexpr unsigned kMaximumArguments = 6;

struct SyscallSpec {
    Syscall number;
    const char* name;
    Arg arguments[kMaximumArguments];
    bool returns = true; ///< false: the caller never comes back
};

inline constexpr SyscallSpec kSyscalls[] = {
    {Syscall::Write, "write", {Arg::Fd, Arg::BytesIn, Arg::Size}},
    {Syscall::Mmap, "mmap", {Arg::Address, Arg::Size, Arg::Int, Arg::Int, Arg::Fd, Arg::Size}},
    {Syscall::Mprotect, "mprotect", {Arg::Address, Arg::Size, Arg::Int}},
    {Syscall::Munmap, "munmap", {Arg::Address, Arg::Size}},
    {Syscall::Brk, "brk", {Arg::Address}},
    {Syscall::SchedYield, "sched_yield", {}},
    {Syscall::Mremap, "mremap", {Arg::Address, Arg::Size, Arg::Size, Arg::Int, Arg::Address}},
    {Syscall::Madvise, "madvise", {Arg::Address, Arg::Size, Arg::Int}},
    {Syscall::Getpid, "getpid", {}},
    {Syscall::Exit, "exit", {Arg::Status}, false},
    {Syscall::Getppid, "getppid", {}},
    {Syscall::ArchPrctl, "arch_prctl", {Arg::Int, Arg::Address}},
    {Syscall::Gettid, "gettid", {}},
    {Syscall::SetTidAddress, "set_tid_address", {Arg::Address}},
    {Syscall::ExitGroup, "exit_group", {Arg::Status}, false},
    {Syscall::Getrandom, "getrandom", {Arg::Address, Arg::Size, Arg::Int}},
};

/// The entry for `number`, all 64 bits of it compared, or nullptr.
constexpr const SyscallSpec* find_syscall(std::uint64_t number)
{
    for (const SyscallSpec& spec : kSyscalls) {
        if (static_cast<std::uint64_t>(spec.number) == number) {
            return &spec;
        }
    }
    return nullptr;
}

/// File descriptors that every program starts with.
inline constexpr std::uint64_t kStandardInput = 0, kStandardOutput = 1, kStandardError = 2;

} // namespace uapi
