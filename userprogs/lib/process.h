// SPDX-License-Identifier: MIT
// Processes and threads for programs without a C library.
#pragma once

#include "lib/syscall.h"
#include "uapi/process.h"
#include "uapi/signals.h"

namespace user {

/// The child's number, or 0 in the child.
inline std::int64_t fork()
{
    return system_call(uapi::Syscall::Fork);
}

inline std::int64_t wait4(std::int64_t target, std::uint32_t* status, std::uint32_t options = 0)
{
    return system_call(uapi::Syscall::Wait4, static_cast<std::uint64_t>(target),
                       reinterpret_cast<std::uint64_t>(status), options, std::uint64_t{0});
}

inline std::int64_t kill(std::int64_t target, uapi::Signal signal)
{
    return system_call(uapi::Syscall::Kill, static_cast<std::uint64_t>(target), static_cast<std::uint64_t>(signal));
}

inline std::int64_t sleep_milliseconds(std::int64_t milliseconds)
{
    const uapi::TimeSpec span{milliseconds / 1000, milliseconds % 1000 * 1'000'000};
    return system_call(uapi::Syscall::Nanosleep, reinterpret_cast<std::uint64_t>(&span));
}

inline std::int64_t yield()
{
    return system_call(uapi::Syscall::SchedYield);
}

[[noreturn]] inline void exit_group(int status)
{
    for (;;) {
        system_call(uapi::Syscall::ExitGroup, static_cast<std::uint64_t>(status));
    }
}

} // namespace user
