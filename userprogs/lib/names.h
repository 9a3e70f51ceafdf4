// SPDX-License-Identifier: MIT
// The calls about names.  Results are the kernel's RAX: a negative error number on failure.
#pragma once

#include "lib/files.h"

namespace user {

inline std::int64_t named_call(uapi::Syscall number, const char* path, std::uint64_t argument = 0)
{
    return system_call(number, reinterpret_cast<std::uint64_t>(path), argument);
}

inline std::int64_t make_directory(const char* path)
{
    return named_call(uapi::Syscall::Mkdir, path, 0777);
}

inline std::int64_t remove_directory(const char* path)
{
    return named_call(uapi::Syscall::Rmdir, path);
}

inline std::int64_t unlink(const char* path)
{
    return named_call(uapi::Syscall::Unlink, path);
}

inline std::int64_t change_directory(const char* path)
{
    return named_call(uapi::Syscall::Chdir, path);
}

inline std::int64_t symlink(const char* target, const char* path)
{
    return named_call(uapi::Syscall::Symlink, target, reinterpret_cast<std::uint64_t>(path));
}

inline std::int64_t rename(const char* from, const char* to)
{
    return named_call(uapi::Syscall::Rename, from, reinterpret_cast<std::uint64_t>(to));
}

/// A new file of that name, open for reading and writing.
inline std::int64_t create(const char* path)
{
    return system_call(uapi::Syscall::Open, reinterpret_cast<std::uint64_t>(path),
                       uapi::open_flag::kReadWrite | uapi::open_flag::kCreate | uapi::open_flag::kExclusive, 0755);
}

} // namespace user
