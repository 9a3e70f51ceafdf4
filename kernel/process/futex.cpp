// SPDX-License-Identifier: MIT
#include "process/futex.h"

#include "cpu/user_copy.h"
#include "uapi/time.h"

namespace kernel {
namespace {

/// Waiters hashed by address: a wake looks at those of one bucket only.
constexpr unsigned kBuckets = 256;
constinit WaitQueue buckets[kBuckets];

WaitQueue& bucket_of(const Vessel& vessel, arch::VirtAddr word)
{
    return buckets[(word.value / sizeof(std::uint32_t) + static_cast<std::uint64_t>(vessel.id)) % kBuckets];
}

bool is_aligned(arch::VirtAddr word)
{
    return word.value % sizeof(std::uint32_t) == 0;
}

bool waits_for(const Thread& thread, const Vessel& vessel, arch::VirtAddr word)
{
    return thread.vessel == &vessel && thread.futex_word == word.value;
}

} // namespace

base::Result<void> futex_wait(arch::VirtAddr word, std::uint32_t expected, std::uint32_t bits, std::uint64_t deadline)
{
    if (!is_aligned(word) || bits == 0) {
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
    case WakeReason::Interrupted:
    case WakeReason::Killed: break;
    }
    // A span would begin anew.  [futex(2) "EINTR"]
    return base::fail(deadline == Loom::kNever ? uapi::Error::Erestart : uapi::Error::Eintr);
}

base::Result<unsigned> futex_wake(Vessel& vessel, arch::VirtAddr word, std::uint32_t bits, unsigned count)
{
    if (!is_aligned(word) || bits == 0) {
        return base::fail(uapi::Error::Einval);
    }
    if (!in_user_space(word, sizeof(std::uint32_t))) {
        return base::fail(uapi::Error::Efault);
    }
    unsigned woken = 0;
    Thread* next = nullptr;
    for (Thread* thread = bucket_of(vessel, word).front(); thread != nullptr && woken < count; thread = next) {
        next = thread->next;
        if (waits_for(*thread, vessel, word) && (thread->futex_bits & bits) != 0) {
            loom.wake(*thread, WakeReason::Woken);
            ++woken;
        }
    }
    return woken;
}

base::Result<unsigned> futex_requeue(Vessel& vessel, arch::VirtAddr word, unsigned woken, arch::VirtAddr target,
                                     unsigned moved)
{
    const unsigned done = TRY(futex_wake(vessel, word, uapi::futex::kAnyBit, woken));
    if (!is_aligned(target)) {
        return base::fail(uapi::Error::Einval);
    }
    if (!in_user_space(target, sizeof(std::uint32_t))) {
        return base::fail(uapi::Error::Efault);
    }
    WaitQueue& from = bucket_of(vessel, word);
    unsigned count = 0;
    Thread* next = nullptr;
    const Thread* const last = from.back(); // what is moved may come to stand behind it in the same bucket
    for (Thread* thread = from.front(); thread != nullptr && count < moved; thread = next) {
        next = thread == last ? nullptr : thread->next;
        if (waits_for(*thread, vessel, word)) {
            from.remove(*thread);
            thread->futex_word = target.value;
            bucket_of(vessel, target).push_back(*thread);
            ++count;
        }
    }
    return done + count;
}

void tell_end_of_thread(Vessel& vessel, arch::VirtAddr word)
{
    if (write_user(word, std::uint32_t{0})) {
        // An odd address has no waiters.
        [[maybe_unused]] const base::Result<unsigned> woken = futex_wake(vessel, word, uapi::futex::kAnyBit, 1);
    }
}

} // namespace kernel
