// SPDX-License-Identifier: MIT
// User memory that is longer than what the kernel stack holds: read or written in chunks.
#pragma once

#include "cpu/user_copy.h"

namespace kernel {

/// Calls `move` for one chunk of user memory after the other, until all is moved or less than a chunk was.
/// @param maximum  bytes that one call moves at most; the rest is the caller's to ask for again
/// @param move     (chunk of the kernel's, its address in user memory) -> bytes copied
/// @return  bytes moved.  EFAULT: the range leaves user space, or none could be moved.
template <typename Move>
base::Result<std::uint64_t> move_in_chunks(arch::VirtAddr user, std::uint64_t count, std::uint64_t maximum, Move move)
{
    constexpr std::uint64_t kChunk = 256;
    if (!in_user_space(user, count)) {
        return base::fail(uapi::Error::Efault);
    }
    const std::uint64_t wanted = count < maximum ? count : maximum;
    std::uint64_t done = 0;
    while (done < wanted) {
        std::uint8_t bytes[kChunk];
        const std::uint64_t step = wanted - done < kChunk ? wanted - done : kChunk;
        const std::uint64_t copied = move(base::Span<std::uint8_t>{bytes, step}, user + done);
        done += copied;
        if (copied < step) {
            break;
        }
    }
    if (done == 0 && wanted > 0) {
        return base::fail(uapi::Error::Efault);
    }
    return done;
}

} // namespace kernel
