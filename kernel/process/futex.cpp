// SPDX-License-Identifier: MIT
#include "process/futex.h"

#include "cpu/user_copy.h"

namespace kernel {
namespace {

/// Waiters hashed by address: a wake looks at those of one bucket only.
constexpr unsigned kBuckets = 256;
constinit WaitQueue buckets[kBuckets];

WaitQueue& bucket_of(const Vessel& vessel, arch::VirtAddr word)
{
    return buckets[(word.value / sizeof(std::uint32_t) + static_cast<std::uint64_t>(vessel.id)) % kBuckets];
}

constexpr std::uint32_t kAnyBit = ~std::uint32_t{0};

} // namespace

base::Result<void> futex_wait(arch::VirtAddr word, std::uint32_t expected, std::uint32_t bits, std::uint64_t deadline)
{
    if (word.value % sizeof(std::uint32_t) != 0 || bits == 0) {
        return base::fail(uapi::Error::Einval);
    }
    // Nothing can run between this look and block(): interrupts are off.
    const std::uint32_t value = TRY(read_user<std::uint32_t>(word));
    if (value != expected) {
        return base::fail(uapi::Error::Eagain);
    }
    Thread& self = loom.current();
    self.futex_word = word.value;
    self.futex_bits = bits;
    switch (loom.block(bucket_of(*self.vessel, word), deadline)) {
    case WakeReason::Woken: return {};
    case WakeReason::Timeout: return base::fail(uapi::Error::Etimedout);
    case WakeReason::Killed: break;
    }
    return base::fail(uapi::Error::Eintr);
}

unsigned futex_wake(Vessel& vessel, arch::VirtAddr word, std::uint32_t bits, unsigned count)
{
    unsigned woken = 0;
    Thread* next = nullptr;
    for (Thread* thread = bucket_of(vessel, word).front(); thread != nullptr && woken < count; thread = next) {
        next = thread->next;
        if (thread->vessel == &vessel && thread->futex_word == word.value && (thread->futex_bits & bits) != 0) {
            loom.wake(*thread, WakeReason::Woken);
            ++woken;
        }
    }
    return woken;
}

void tell_end_of_thread(Vessel& vessel, arch::VirtAddr word)
{
    if (write_user(word, std::uint32_t{0})) {
        futex_wake(vessel, word, kAnyBit, 1);
    }
}

} // namespace kernel
