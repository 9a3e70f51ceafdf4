// SPDX-License-Identifier: MIT
// Error numbers as Linux x86-64 has them; a failed syscall returns -number in RAX.  [Linux uapi
// asm-generic/errno-base.h, errno.h]
#pragma once

#include <cstdint>

namespace uapi {

/// Not in capitals, because a host's <cerrno> has those names as macros.
enum class Error : std::uint8_t {
    Eperm = 1,
    Enoent = 2,
    Esrch = 3,
    Eintr = 4,
    Eio = 5,
    Enxio = 6,
    E2big = 7,
    Enoexec = 8,
    Ebadf = 9,
    Echild = 10,
    Eagain = 11,
    Enomem = 12,
    Eacces = 13,
    Efault = 14,
    Ebusy = 16,
    Eexist = 17,
    Exdev = 18,
    Enodev = 19,
    Enotdir = 20,
    Eisdir = 21,
    Einval = 22,
    Enfile = 23,
    Emfile = 24,
    Enotty = 25,
    Etxtbsy = 26,
    Efbig = 27,
    Enospc = 28,
    Espipe = 29,
    Erofs = 30,
    Emlink = 31,
    Epipe = 32,
    Erange = 34,
    Enametoolong = 36,
    Enolck = 37,
    Enosys = 38,
    Enotempty = 39,
    Eloop = 40,
    Eoverflow = 75,
    Elibbad = 80,
    Eopnotsupp = 95,
    Etimedout = 110,
    // A signal has come while a call waited: what the caller gets depends on the signal, so that these are never seen.
    Erestart = 250,          ///< EINTR after a handler without SA_RESTART; else the call is made again
    ErestartNoHandler = 251, ///< EINTR after any handler; else the call is made again
    ErestartBlock = 252,     ///< EINTR after any handler; else restart_syscall(2) goes on with the call
};

/// True for the three that stand for a call which a signal has interrupted.
constexpr bool is_restart(Error error)
{
    return error >= Error::Erestart;
}

/// The name as the manual pages write it, "EFAULT"; "" for a number that is not in the list.
constexpr const char* error_name(std::uint64_t number)
{
    if (number != static_cast<std::uint8_t>(number)) {
        return ""; // the cast below would drop the upper bits
    }
    switch (static_cast<Error>(number)) {
    case Error::Eperm: return "EPERM";
    case Error::Enoent: return "ENOENT";
    case Error::Esrch: return "ESRCH";
    case Error::Eintr: return "EINTR";
    case Error::Eio: return "EIO";
    case Error::Enxio: return "ENXIO";
    case Error::E2big: return "E2BIG";
    case Error::Enoexec: return "ENOEXEC";
    case Error::Ebadf: return "EBADF";
    case Error::Echild: return "ECHILD";
    case Error::Eagain: return "EAGAIN";
    case Error::Enomem: return "ENOMEM";
    case Error::Eacces: return "EACCES";
    case Error::Efault: return "EFAULT";
    case Error::Ebusy: return "EBUSY";
    case Error::Eexist: return "EEXIST";
    case Error::Exdev: return "EXDEV";
    case Error::Enodev: return "ENODEV";
    case Error::Enotdir: return "ENOTDIR";
    case Error::Eisdir: return "EISDIR";
    case Error::Einval: return "EINVAL";
    case Error::Enfile: return "ENFILE";
    case Error::Emfile: return "EMFILE";
    case Error::Enotty: return "ENOTTY";
    case Error::Etxtbsy: return "ETXTBSY";
    case Error::Efbig: return "EFBIG";
    case Error::Enospc: return "ENOSPC";
    case Error::Espipe: return "ESPIPE";
    case Error::Erofs: return "EROFS";
    case Error::Emlink: return "EMLINK";
    case Error::Epipe: return "EPIPE";
    case Error::Erange: return "ERANGE";
    case Error::Enametoolong: return "ENAMETOOLONG";
    case Error::Enolck: return "ENOLCK";
    case Error::Enosys: return "ENOSYS";
    case Error::Enotempty: return "ENOTEMPTY";
    case Error::Eloop: return "ELOOP";
    case Error::Eoverflow: return "EOVERFLOW";
    case Error::Elibbad: return "ELIBBAD";
    case Error::Eopnotsupp: return "EOPNOTSUPP";
    case Error::Etimedout: return "ETIMEDOUT";
    case Error::Erestart:
    case Error::ErestartNoHandler:
    case Error::ErestartBlock: break;
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
