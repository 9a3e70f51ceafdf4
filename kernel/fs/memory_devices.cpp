// SPDX-License-Identifier: MIT
#include "fs/memory_devices.h"

#include "base/min_max.h"
#include "base/random.h"
#include "cpu/user_chunks.h"

namespace kernel {

using arch::VirtAddr;
using base::Result;

namespace {

constexpr std::uint8_t kZeros[arch::kPageSize] = {};

} // namespace

Result<std::uint64_t> ZeroDevice::read(OpenFile&, VirtAddr buffer, std::uint64_t count, std::uint64_t)
{
    const std::uint64_t wanted = base::min(count, kMostAtOnce);
    std::uint64_t done = 0;
    while (done < wanted) {
        const std::uint64_t step = base::min<std::uint64_t>(wanted - done, sizeof kZeros);
        const std::uint64_t copied = copy_to_user(buffer + done, {kZeros, step});
        done += copied;
        if (copied < step) {
            return done == 0 ? base::fail(uapi::Error::Efault) : Result<std::uint64_t>(done);
        }
    }
    return done;
}

Result<std::uint64_t> RandomDevice::read(OpenFile&, VirtAddr buffer, std::uint64_t count, std::uint64_t)
{
    return move_in_chunks(buffer, count, kMostAtOnce, [](base::Span<std::uint8_t> chunk, VirtAddr to) {
        base::random.fill(chunk);
        return copy_to_user(to, chunk);
    });
}

} // namespace kernel
