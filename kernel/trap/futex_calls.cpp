// SPDX-License-Identifier: MIT
#include "trap/futex_calls.h"

#include "cpu/user_copy.h"
#include "process/clock.h"
#include "process/futex.h"
#include "process/loom.h"
#include "uapi/process.h"

namespace kernel {
namespace {

/// The deadline at the user address `time`; a null address: none.
base::Result<std::uint64_t> read_deadline(std::uint64_t time, bool absolute)
{
    if (time == 0) {
        return Loom::kNever;
    }
    const auto wanted = TRY(read_user<uapi::TimeSpec>(arch::VirtAddr{time}));
    const std::uint64_t ticks = TRY(ticks_of(wanted));
    return absolute ? ticks : deadline_after(loom.now(), ticks);
}

base::Result<std::uint64_t> wait(const layout::TrapFrame& frame, std::uint32_t bits, bool absolute)
{
    const std::uint64_t deadline = TRY(read_deadline(frame.r10, absolute));
    TRY(futex_wait(arch::VirtAddr{frame.rdi}, static_cast<std::uint32_t>(frame.rdx), bits, deadline));
    return 0;
}

/// A requeue is refused a count below 0, which a wake takes for none.  [futex(2) "EINVAL"]
bool is_count(std::uint64_t word)
{
    return static_cast<std::int32_t>(word) >= 0;
}

/// How many to wake: an int, and never below 0.
unsigned count_of(std::uint64_t word)
{
    const auto count = static_cast<std::int32_t>(word);
    return count > 0 ? static_cast<unsigned>(count) : 0;
}

} // namespace

base::Result<std::uint64_t> futex(const layout::TrapFrame& frame)
{
    constexpr std::uint32_t kFlags = uapi::futex::kPrivate | uapi::futex::kClockRealtime;
    Vessel& vessel = *loom.current().vessel;
    const arch::VirtAddr word{frame.rdi};
    const auto bits = static_cast<std::uint32_t>(frame.r9);
    switch (static_cast<std::uint32_t>(frame.rsi) & ~kFlags) {
    case uapi::futex::kWait: return wait(frame, uapi::futex::kAnyBit, false);
    case uapi::futex::kWaitBits: return wait(frame, bits, true);
    case uapi::futex::kWake: return futex_wake(vessel, word, uapi::futex::kAnyBit, count_of(frame.rdx));
    case uapi::futex::kWakeBits: return futex_wake(vessel, word, bits, count_of(frame.rdx));
    case uapi::futex::kCompareRequeue: {
        const auto value = TRY(read_user<std::uint32_t>(word));
        if (value != bits) {
            return base::fail(uapi::Error::Eagain);
        }
        [[fallthrough]];
    }
    case uapi::futex::kRequeue:
        if (!is_count(frame.rdx) || !is_count(frame.r10)) {
            return base::fail(uapi::Error::Einval);
        }
        return futex_requeue(vessel, word, count_of(frame.rdx), arch::VirtAddr{frame.r8}, count_of(frame.r10));
    default: return base::fail(uapi::Error::Enosys);
    }
}

base::Result<std::uint64_t> set_robust_list(arch::VirtAddr list, std::uint64_t size)
{
    if (size != sizeof(uapi::RobustList)) {
        return base::fail(uapi::Error::Einval);
    }
    loom.current().robust_list = list.value;
    return 0;
}

base::Result<std::uint64_t> get_robust_list(std::uint64_t thread, arch::VirtAddr list, arch::VirtAddr size)
{
    const Thread& self = loom.current();
    const auto number = static_cast<std::int32_t>(thread);
    const Thread* const wanted = number == 0  ? &self
                                 : number < 0 ? nullptr
                                              : loom.find(ThreadId{static_cast<std::uint64_t>(number)});
    if (wanted == nullptr) {
        return base::fail(uapi::Error::Esrch);
    }
    if (wanted->vessel != self.vessel) {
        return base::fail(uapi::Error::Eperm);
    }
    TRY(write_user(size, std::uint64_t{sizeof(uapi::RobustList)}));
    TRY(write_user(list, wanted->robust_list));
    return 0;
}

} // namespace kernel
