// SPDX-License-Identifier: MIT
// Pipes, and waiting for several files.
#pragma once

#include "lib/files.h"
#include "uapi/poll.h"
#include "uapi/time.h"

namespace user {

struct Ends {
    std::int32_t read;
    std::int32_t write;
};

inline std::int64_t pipe2(Ends& ends, std::uint32_t flags = 0)
{
    return system_call(uapi::Syscall::Pipe2, reinterpret_cast<std::uint64_t>(&ends), flags);
}

/// `timeout` in milliseconds, below 0 for ever.
template <std::size_t N> std::int64_t poll(uapi::PollFile (&files)[N], std::int64_t timeout)
{
    return system_call(uapi::Syscall::Poll, reinterpret_cast<std::uint64_t>(files), N,
                       static_cast<std::uint64_t>(timeout));
}

/// Sets of descriptors below 64, each in one word; nullptr for none.
inline std::int64_t select(std::uint64_t count, std::uint64_t* read, std::uint64_t* write,
                           const uapi::TimeValue* timeout)
{
    return system_call(uapi::Syscall::Select, count, reinterpret_cast<std::uint64_t>(read),
                       reinterpret_cast<std::uint64_t>(write), 0, reinterpret_cast<std::uint64_t>(timeout));
}

} // namespace user
