// SPDX-License-Identifier: MIT
// The file calls.  Results are the kernel's RAX: a negative error number on failure.
#pragma once

#include "lib/syscall.h"
#include "uapi/file_status.h"
#include "uapi/files.h"

namespace user {

inline std::int64_t open(const char* path, std::uint32_t flags = uapi::open_flag::kReadOnly)
{
    return system_call(uapi::Syscall::Open, reinterpret_cast<std::uint64_t>(path), flags);
}

inline std::int64_t openat(std::int64_t directory, const char* path, std::uint32_t flags = uapi::open_flag::kReadOnly)
{
    return system_call(uapi::Syscall::Openat, static_cast<std::uint64_t>(directory),
                       reinterpret_cast<std::uint64_t>(path), flags);
}

inline std::int64_t close(std::int64_t fd)
{
    return system_call(uapi::Syscall::Close, static_cast<std::uint64_t>(fd));
}

inline std::int64_t read(std::int64_t fd, void* bytes, std::size_t count)
{
    return system_call(uapi::Syscall::Read, static_cast<std::uint64_t>(fd), reinterpret_cast<std::uint64_t>(bytes),
                       count);
}

inline std::int64_t pread(std::int64_t fd, void* bytes, std::size_t count, std::int64_t offset)
{
    return system_call(uapi::Syscall::Pread64, static_cast<std::uint64_t>(fd), reinterpret_cast<std::uint64_t>(bytes),
                       count, static_cast<std::uint64_t>(offset));
}

inline std::int64_t seek(std::int64_t fd, std::int64_t offset, uapi::Seek origin)
{
    return system_call(uapi::Syscall::Lseek, static_cast<std::uint64_t>(fd), static_cast<std::uint64_t>(offset),
                       static_cast<std::uint64_t>(origin));
}

inline std::int64_t fstat(std::int64_t fd, uapi::Stat& stat)
{
    return system_call(uapi::Syscall::Fstat, static_cast<std::uint64_t>(fd), reinterpret_cast<std::uint64_t>(&stat));
}

inline std::int64_t dup(std::int64_t fd)
{
    return system_call(uapi::Syscall::Dup, static_cast<std::uint64_t>(fd));
}

inline std::int64_t dup2(std::int64_t from, std::int64_t to)
{
    return system_call(uapi::Syscall::Dup2, static_cast<std::uint64_t>(from), static_cast<std::uint64_t>(to));
}

inline std::int64_t dup3(std::int64_t from, std::int64_t to, std::uint32_t flags)
{
    return system_call(uapi::Syscall::Dup3, static_cast<std::uint64_t>(from), static_cast<std::uint64_t>(to), flags);
}

inline std::int64_t fcntl(std::int64_t fd, uapi::FileControl command, std::uint64_t argument = 0)
{
    return system_call(uapi::Syscall::Fcntl, static_cast<std::uint64_t>(fd), static_cast<std::uint64_t>(command),
                       argument);
}

template <std::size_t N> std::int64_t readv(std::int64_t fd, const uapi::IoVector (&pieces)[N])
{
    return system_call(uapi::Syscall::Readv, static_cast<std::uint64_t>(fd), reinterpret_cast<std::uint64_t>(pieces),
                       N);
}

template <std::size_t N> std::int64_t writev(std::int64_t fd, const uapi::IoVector (&pieces)[N])
{
    return system_call(uapi::Syscall::Writev, static_cast<std::uint64_t>(fd), reinterpret_cast<std::uint64_t>(pieces),
                       N);
}

/// A private view of a file.
inline std::int64_t map_file(std::int64_t fd, std::size_t length, std::uint64_t protection, std::uint64_t offset = 0)
{
    constexpr std::uint64_t kPrivate = 2;
    return system_call(uapi::Syscall::Mmap, 0, length, protection, kPrivate, static_cast<std::uint64_t>(fd), offset);
}

} // namespace user
