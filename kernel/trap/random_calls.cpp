// SPDX-License-Identifier: MIT
#include "trap/random_calls.h"

#include "base/random.h"
#include "cpu/user_copy.h"
#include "uapi/random.h"

namespace kernel {
namespace {

/// Bytes pass through a buffer of this size on the kernel stack.
constexpr std::uint64_t kChunk = 256;
/// The kernel runs with interrupts off: a longer request comes back short, as it may.  [getrandom(2) "RETURN VALUE"]
constexpr std::uint64_t kMaximumTransfer = 64 * 1024;
constexpr std::uint32_t kFlags = uapi::kRandomNonblock | uapi::kRandomRandom | uapi::kRandomInsecure;
constexpr std::uint32_t kContradiction = uapi::kRandomRandom | uapi::kRandomInsecure;

} // namespace

base::Result<std::uint64_t> getrandom(arch::VirtAddr buffer, std::uint64_t count, std::uint64_t flags)
{
    const auto bits = static_cast<std::uint32_t>(flags); // an unsigned int
    if ((bits & ~kFlags) != 0 || (bits & kContradiction) == kContradiction) {
        return base::fail(uapi::Error::Einval);
    }
    if (!in_user_space(buffer, count)) {
        return base::fail(uapi::Error::Efault);
    }
    const std::uint64_t wanted = count < kMaximumTransfer ? count : kMaximumTransfer;
    std::uint64_t done = 0;
    while (done < wanted) {
        std::uint8_t bytes[kChunk];
        const std::uint64_t step = wanted - done < kChunk ? wanted - done : kChunk;
        base::random.fill({bytes, step});
        const std::uint64_t copied = copy_to_user(buffer + done, {bytes, step});
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
