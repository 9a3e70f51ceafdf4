// SPDX-License-Identifier: MIT
#include "trap/file_calls.h"

#include "cpu/user_copy.h"
#include "device/serial.h"
#include "uapi/syscalls.h"

namespace kernel {
namespace {

/// User bytes pass through a buffer of this size on the kernel stack.
constexpr std::uint64_t kChunk = 256;
/// What Linux lets one call transfer at most.  [write(2) "NOTES"]
constexpr std::uint64_t kMaximumTransfer = 0x7fff'f000;

} // namespace

base::Result<std::uint64_t> write(std::uint64_t fd, arch::VirtAddr buffer, std::uint64_t count)
{
    // The descriptor is an int: the upper half of the register means nothing.
    const auto descriptor = static_cast<std::uint32_t>(fd);
    if (descriptor != uapi::kStandardOutput && descriptor != uapi::kStandardError) {
        return base::fail(uapi::Error::Ebadf);
    }
    if (!in_user_space(buffer, count)) {
        return base::fail(uapi::Error::Efault);
    }
    const std::uint64_t wanted = count < kMaximumTransfer ? count : kMaximumTransfer;
    std::uint64_t done = 0;
    while (done < wanted) {
        std::uint8_t bytes[kChunk];
        const std::uint64_t step = wanted - done < kChunk ? wanted - done : kChunk;
        const std::uint64_t copied = copy_from_user({bytes, step}, buffer + done);
        console.write({reinterpret_cast<const char*>(bytes), copied});
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
