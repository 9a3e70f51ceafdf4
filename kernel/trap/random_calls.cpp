// SPDX-License-Identifier: MIT
#include "trap/random_calls.h"

#include "base/random.h"
#include "cpu/user_chunks.h"
#include "uapi/random.h"

namespace kernel {
namespace {

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
    return move_in_chunks(buffer, count, kMaximumTransfer, [](base::Span<std::uint8_t> chunk, arch::VirtAddr to) {
        base::random.fill(chunk);
        return copy_to_user(to, chunk);
    });
}

} // namespace kernel
