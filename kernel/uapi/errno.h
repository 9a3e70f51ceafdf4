// SPDX-License-Identifier: MIT
// Error numbers as Linux x86-64 has them; a failed syscall returns -number in RAX.  [Linux uapi
// asm-generic/errno-base.h, errno.h]
#pragma once

#include <cstdint>

#if __STDC_HOSTED__
// A host program's C library has these names as macros; read first, they can be removed for good.
#include <cerrno>
#undef EPERM
#undef ENOENT
#undef ESRCH
#undef EINTR
#undef EIO
#undef E2BIG
#undef ENOEXEC
#undef EBADF
#undef ECHILD
#undef EAGAIN
#undef ENOMEM
#undef EACCES
#undef EFAULT
#undef EBUSY
#undef EEXIST
#undef EINVAL
#undef ENOSYS
#endif

namespace uapi {

enum class Error : std::uint8_t {
    EPERM = 1,
    ENOENT = 2,
    ESRCH = 3,
    EINTR = 4,
    EIO = 5,
    E2BIG = 7,
    ENOEXEC = 8,
    EBADF = 9,
    ECHILD = 10,
    EAGAIN = 11,
    ENOMEM = 12,
    EACCES = 13,
    EFAULT = 14,
    EBUSY = 16,
    EEXIST = 17,
    EINVAL = 22,
    ENOSYS = 38,
};

/// The name as the manual pages write it, "EFAULT"; "" for a number that is not in the list.
constexpr const char* error_name(std::uint64_t number)
{
    if (number != static_cast<std::uint8_t>(number)) {
        return ""; // the cast below would drop the upper bits
    }
    switch (static_cast<Error>(number)) {
    case Error::EPERM: return "EPERM";
    case Error::ENOENT: return "ENOENT";
    case Error::ESRCH: return "ESRCH";
    case Error::EINTR: return "EINTR";
    case Error::EIO: return "EIO";
    case Error::E2BIG: return "E2BIG";
    case Error::ENOEXEC: return "ENOEXEC";
    case Error::EBADF: return "EBADF";
    case Error::ECHILD: return "ECHILD";
    case Error::EAGAIN: return "EAGAIN";
    case Error::ENOMEM: return "ENOMEM";
    case Error::EACCES: return "EACCES";
    case Error::EFAULT: return "EFAULT";
    case Error::EBUSY: return "EBUSY";
    case Error::EEXIST: return "EEXIST";
    case Error::EINVAL: return "EINVAL";
    case Error::ENOSYS: return "ENOSYS";
    }
    return "";
}

/// RAX values -4095..-1 are errors, everything else is a result.  [syscalls(2), psABI AMD64 "Calling Conventions"
/// (kernel)]
constexpr bool is_error(std::uint64_t rax)
{
    return rax >= static_cast<std::uint64_t>(-4095);
}

} // namespace uapi
