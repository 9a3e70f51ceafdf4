// SPDX-License-Identifier: MIT
// Time for programs without a C library.
#pragma once

#include "lib/syscall.h"
#include "uapi/time.h"

namespace user {

/// Since the kernel started.
inline std::int64_t now_in_milliseconds()
{
    uapi::TimeSpec time{};
    system_call(uapi::Syscall::ClockGettime, static_cast<std::uint64_t>(uapi::Clock::Monotonic),
                reinterpret_cast<std::uint64_t>(&time));
    return time.seconds * 1000 + time.nanoseconds / 1'000'000;
}

/// Sleeps until now_in_milliseconds() is `milliseconds`.
inline std::int64_t sleep_until(std::int64_t milliseconds)
{
    const uapi::TimeSpec time{milliseconds / 1000, milliseconds % 1000 * 1'000'000};
    return system_call(uapi::Syscall::ClockNanosleep, static_cast<std::uint64_t>(uapi::Clock::Monotonic),
                       uapi::kAbsoluteTime, reinterpret_cast<std::uint64_t>(&time), std::uint64_t{0});
}

} // namespace user
