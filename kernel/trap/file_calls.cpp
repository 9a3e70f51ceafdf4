// SPDX-License-Identifier: MIT
#include "trap/file_calls.h"

#include "device/serial.h"
#include "trap/user_chunks.h"
#include "uapi/syscalls.h"

namespace kernel {
namespace {

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
    return move_in_chunks(buffer, count, kMaximumTransfer, [](base::Span<std::uint8_t> chunk, arch::VirtAddr from) {
        const std::uint64_t copied = copy_from_user(chunk, from);
        console.write({reinterpret_cast<const char*>(chunk.data()), copied});
        return copied;
    });
}

} // namespace kernel
