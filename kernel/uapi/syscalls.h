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
    Read = 0,
    Write = 1,
    Open = 2,
    Close = 3,
    Stat = 4,
    Fstat = 5,
    Lstat = 6,
    Poll = 7,
    Lseek = 8,
    Mmap = 9,
    Mprotect = 10,
    Munmap = 11,
    Brk = 12,
    Ioctl = 16,
    Pread64 = 17,
    Pwrite64 = 18,
    Readv = 19,
    Writev = 20,
    Access = 21,
    Pipe = 22,
    Select = 23,
    SchedYield = 24,
    Mremap = 25,
    Madvise = 28,
    Dup = 32,
    Dup2 = 33,
    Nanosleep = 35,
    Getpid = 39,
    Clone = 56,
    Fork = 57,
    Vfork = 58,
    Execve = 59,
    Exit = 60,
    Wait4 = 61,
    Kill = 62,
    Fcntl = 72,
    Fsync = 74,
    Fdatasync = 75,
    Truncate = 76,
    Ftruncate = 77,
    Getcwd = 79,
    Chdir = 80,
    Fchdir = 81,
    Rename = 82,
    Mkdir = 83,
    Rmdir = 84,
    Creat = 85,
    Link = 86,
    Unlink = 87,
    Symlink = 88,
    Readlink = 89,
    Chmod = 90,
    Fchmod = 91,
    Chown = 92,
    Fchown = 93,
    Lchown = 94,
    Umask = 95,
    Gettimeofday = 96,
    Getppid = 110,
    Getpgrp = 111,
    Getpgid = 121,
    Utime = 132,
    Mknod = 133,
    Statfs = 137,
    Fstatfs = 138,
    Getpriority = 140,
    Setpriority = 141,
    SchedSetscheduler = 144,
    SchedGetscheduler = 145,
    ArchPrctl = 158,
    Sync = 162,
    Reboot = 169,
    Gettid = 186,
    Tkill = 200,
    Time = 201,
    Futex = 202,
    Getdents64 = 217,
    SetTidAddress = 218,
    ClockGettime = 228,
    ClockGetres = 229,
    ClockNanosleep = 230,
    ExitGroup = 231,
    Tgkill = 234,
    Utimes = 235,
    Openat = 257,
    Mkdirat = 258,
    Mknodat = 259,
    Fchownat = 260,
    Futimesat = 261,
    Newfstatat = 262,
    Unlinkat = 263,
    Renameat = 264,
    Linkat = 265,
    Symlinkat = 266,
    Readlinkat = 267,
    Fchmodat = 268,
    Faccessat = 269,
    Pselect6 = 270,
    Ppoll = 271,
    Utimensat = 280,
    Fallocate = 285,
    Dup3 = 292,
    Pipe2 = 293,
    Preadv = 295,
    Pwritev = 296,
    Renameat2 = 316,
    Getrandom = 318,
    Statx = 332,
    Faccessat2 = 439,
};

/// What an argument means, so that a tracer can print it.
enum class Arg : std::uint8_t {
    None,
    Int,     ///< int
    Pid,     ///< int, number of a process or a thread
    Fd,      ///< int, file descriptor
    Address, ///< user pointer, printed as it is
    BytesIn, ///< user pointer to bytes that the kernel reads; the next argument is their count
    Text,    ///< user pointer to a string that a NUL ends
    Size,    ///< size_t
    Status,  ///< int, exit status
};

inline constexpr unsigned kMaximumArguments = 6;

/// What the result means when it is no error.
enum class Returns : std::uint8_t {
    Number,
    Pid,     ///< the number of a process or a thread
    Address, ///< of the caller's memory
    Never,   ///< the caller does not come back
};

struct SyscallSpec {
    Syscall number;
    const char* name;
    Arg arguments[kMaximumArguments];
    Returns returns = Returns::Number;
};

inline constexpr SyscallSpec kSyscalls[] = {
    {Syscall::Read, "read", {Arg::Fd, Arg::Address, Arg::Size}},
    {Syscall::Write, "write", {Arg::Fd, Arg::BytesIn, Arg::Size}},
    {Syscall::Open, "open", {Arg::Text, Arg::Int, Arg::Int}},
    {Syscall::Close, "close", {Arg::Fd}},
    {Syscall::Stat, "stat", {Arg::Text, Arg::Address}},
    {Syscall::Fstat, "fstat", {Arg::Fd, Arg::Address}},
    {Syscall::Lstat, "lstat", {Arg::Text, Arg::Address}},
    {Syscall::Poll, "poll", {Arg::Address, Arg::Int, Arg::Int}},
    {Syscall::Lseek, "lseek", {Arg::Fd, Arg::Size, Arg::Int}},
    {Syscall::Mmap, "mmap", {Arg::Address, Arg::Size, Arg::Int, Arg::Int, Arg::Fd, Arg::Size}, Returns::Address},
    {Syscall::Mprotect, "mprotect", {Arg::Address, Arg::Size, Arg::Int}},
    {Syscall::Munmap, "munmap", {Arg::Address, Arg::Size}},
    {Syscall::Brk, "brk", {Arg::Address}, Returns::Address},
    {Syscall::Ioctl, "ioctl", {Arg::Fd, Arg::Int, Arg::Address}},
    {Syscall::Pread64, "pread64", {Arg::Fd, Arg::Address, Arg::Size, Arg::Size}},
    {Syscall::Pwrite64, "pwrite64", {Arg::Fd, Arg::BytesIn, Arg::Size, Arg::Size}},
    {Syscall::Readv, "readv", {Arg::Fd, Arg::Address, Arg::Int}},
    {Syscall::Writev, "writev", {Arg::Fd, Arg::Address, Arg::Int}},
    {Syscall::Access, "access", {Arg::Text, Arg::Int}},
    {Syscall::Pipe, "pipe", {Arg::Address}},
    {Syscall::Select, "select", {Arg::Int, Arg::Address, Arg::Address, Arg::Address, Arg::Address}},
    {Syscall::SchedYield, "sched_yield", {}},
    {Syscall::Mremap, "mremap", {Arg::Address, Arg::Size, Arg::Size, Arg::Int, Arg::Address}, Returns::Address},
    {Syscall::Madvise, "madvise", {Arg::Address, Arg::Size, Arg::Int}},
    {Syscall::Dup, "dup", {Arg::Fd}},
    {Syscall::Dup2, "dup2", {Arg::Fd, Arg::Fd}},
    {Syscall::Nanosleep, "nanosleep", {Arg::Address, Arg::Address}},
    {Syscall::Getpid, "getpid", {}, Returns::Pid},
    {Syscall::Clone, "clone", {Arg::Size, Arg::Address, Arg::Address, Arg::Address, Arg::Address}, Returns::Pid},
    {Syscall::Fork, "fork", {}, Returns::Pid},
    {Syscall::Vfork, "vfork", {}, Returns::Pid},
    {Syscall::Execve, "execve", {Arg::Text, Arg::Address, Arg::Address}},
    {Syscall::Exit, "exit", {Arg::Status}, Returns::Never},
    {Syscall::Wait4, "wait4", {Arg::Pid, Arg::Address, Arg::Int, Arg::Address}, Returns::Pid},
    {Syscall::Kill, "kill", {Arg::Pid, Arg::Int}},
    {Syscall::Fcntl, "fcntl", {Arg::Fd, Arg::Int, Arg::Size}},
    {Syscall::Fsync, "fsync", {Arg::Fd}},
    {Syscall::Fdatasync, "fdatasync", {Arg::Fd}},
    {Syscall::Truncate, "truncate", {Arg::Text, Arg::Size}},
    {Syscall::Ftruncate, "ftruncate", {Arg::Fd, Arg::Size}},
    {Syscall::Getcwd, "getcwd", {Arg::Address, Arg::Size}},
    {Syscall::Chdir, "chdir", {Arg::Text}},
    {Syscall::Fchdir, "fchdir", {Arg::Fd}},
    {Syscall::Rename, "rename", {Arg::Text, Arg::Text}},
    {Syscall::Mkdir, "mkdir", {Arg::Text, Arg::Int}},
    {Syscall::Rmdir, "rmdir", {Arg::Text}},
    {Syscall::Creat, "creat", {Arg::Text, Arg::Int}},
    {Syscall::Link, "link", {Arg::Text, Arg::Text}},
    {Syscall::Unlink, "unlink", {Arg::Text}},
    {Syscall::Symlink, "symlink", {Arg::Text, Arg::Text}},
    {Syscall::Readlink, "readlink", {Arg::Text, Arg::Address, Arg::Int}},
    {Syscall::Chmod, "chmod", {Arg::Text, Arg::Int}},
    {Syscall::Fchmod, "fchmod", {Arg::Fd, Arg::Int}},
    {Syscall::Chown, "chown", {Arg::Text, Arg::Int, Arg::Int}},
    {Syscall::Fchown, "fchown", {Arg::Fd, Arg::Int, Arg::Int}},
    {Syscall::Lchown, "lchown", {Arg::Text, Arg::Int, Arg::Int}},
    {Syscall::Umask, "umask", {Arg::Int}},
    {Syscall::Gettimeofday, "gettimeofday", {Arg::Address, Arg::Address}},
    {Syscall::Getppid, "getppid", {}, Returns::Pid},
    {Syscall::Getpgrp, "getpgrp", {}, Returns::Pid},
    {Syscall::Getpgid, "getpgid", {Arg::Pid}, Returns::Pid},
    {Syscall::Utime, "utime", {Arg::Text, Arg::Address}},
    {Syscall::Mknod, "mknod", {Arg::Text, Arg::Int, Arg::Size}},
    {Syscall::Statfs, "statfs", {Arg::Text, Arg::Address}},
    {Syscall::Fstatfs, "fstatfs", {Arg::Fd, Arg::Address}},
    {Syscall::Getpriority, "getpriority", {Arg::Int, Arg::Pid}},
    {Syscall::Setpriority, "setpriority", {Arg::Int, Arg::Pid, Arg::Int}},
    {Syscall::SchedSetscheduler, "sched_setscheduler", {Arg::Pid, Arg::Int, Arg::Address}},
    {Syscall::SchedGetscheduler, "sched_getscheduler", {Arg::Pid}},
    {Syscall::ArchPrctl, "arch_prctl", {Arg::Int, Arg::Address}},
    {Syscall::Sync, "sync", {}},
    {Syscall::Reboot, "reboot", {Arg::Int, Arg::Int, Arg::Int, Arg::Address}},
    {Syscall::Gettid, "gettid", {}, Returns::Pid},
    {Syscall::Tkill, "tkill", {Arg::Pid, Arg::Int}},
    {Syscall::Time, "time", {Arg::Address}},
    {Syscall::Futex, "futex", {Arg::Address, Arg::Int, Arg::Int, Arg::Address, Arg::Address, Arg::Int}},
    {Syscall::Getdents64, "getdents64", {Arg::Fd, Arg::Address, Arg::Size}},
    {Syscall::SetTidAddress, "set_tid_address", {Arg::Address}, Returns::Pid},
    {Syscall::ClockGettime, "clock_gettime", {Arg::Int, Arg::Address}},
    {Syscall::ClockGetres, "clock_getres", {Arg::Int, Arg::Address}},
    {Syscall::ClockNanosleep, "clock_nanosleep", {Arg::Int, Arg::Int, Arg::Address, Arg::Address}},
    {Syscall::ExitGroup, "exit_group", {Arg::Status}, Returns::Never},
    {Syscall::Tgkill, "tgkill", {Arg::Pid, Arg::Pid, Arg::Int}},
    {Syscall::Utimes, "utimes", {Arg::Text, Arg::Address}},
    {Syscall::Openat, "openat", {Arg::Fd, Arg::Text, Arg::Int, Arg::Int}},
    {Syscall::Mkdirat, "mkdirat", {Arg::Fd, Arg::Text, Arg::Int}},
    {Syscall::Mknodat, "mknodat", {Arg::Fd, Arg::Text, Arg::Int, Arg::Size}},
    {Syscall::Fchownat, "fchownat", {Arg::Fd, Arg::Text, Arg::Int, Arg::Int, Arg::Int}},
    {Syscall::Futimesat, "futimesat", {Arg::Fd, Arg::Text, Arg::Address}},
    {Syscall::Newfstatat, "newfstatat", {Arg::Fd, Arg::Text, Arg::Address, Arg::Int}},
    {Syscall::Unlinkat, "unlinkat", {Arg::Fd, Arg::Text, Arg::Int}},
    {Syscall::Renameat, "renameat", {Arg::Fd, Arg::Text, Arg::Fd, Arg::Text}},
    {Syscall::Linkat, "linkat", {Arg::Fd, Arg::Text, Arg::Fd, Arg::Text, Arg::Int}},
    {Syscall::Symlinkat, "symlinkat", {Arg::Text, Arg::Fd, Arg::Text}},
    {Syscall::Readlinkat, "readlinkat", {Arg::Fd, Arg::Text, Arg::Address, Arg::Int}},
    {Syscall::Fchmodat, "fchmodat", {Arg::Fd, Arg::Text, Arg::Int}},
    {Syscall::Faccessat, "faccessat", {Arg::Fd, Arg::Text, Arg::Int}},
    {Syscall::Pselect6, "pselect6", {Arg::Int, Arg::Address, Arg::Address, Arg::Address, Arg::Address, Arg::Address}},
    {Syscall::Ppoll, "ppoll", {Arg::Address, Arg::Int, Arg::Address, Arg::Address, Arg::Size}},
    {Syscall::Utimensat, "utimensat", {Arg::Fd, Arg::Text, Arg::Address, Arg::Int}},
    {Syscall::Fallocate, "fallocate", {Arg::Fd, Arg::Int, Arg::Size, Arg::Size}},
    {Syscall::Dup3, "dup3", {Arg::Fd, Arg::Fd, Arg::Int}},
    {Syscall::Pipe2, "pipe2", {Arg::Address, Arg::Int}},
    {Syscall::Preadv, "preadv", {Arg::Fd, Arg::Address, Arg::Int, Arg::Size}},
    {Syscall::Pwritev, "pwritev", {Arg::Fd, Arg::Address, Arg::Int, Arg::Size}},
    {Syscall::Renameat2, "renameat2", {Arg::Fd, Arg::Text, Arg::Fd, Arg::Text, Arg::Int}},
    {Syscall::Getrandom, "getrandom", {Arg::Address, Arg::Size, Arg::Int}},
    {Syscall::Statx, "statx", {Arg::Fd, Arg::Text, Arg::Int, Arg::Int, Arg::Address}},
    {Syscall::Faccessat2, "faccessat2", {Arg::Fd, Arg::Text, Arg::Int, Arg::Int}},
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

} // namespace uapi
