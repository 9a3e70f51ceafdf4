// SPDX-License-Identifier: MIT
#include "trap/time_calls.h"

#include "cpu/user_copy.h"
#include "process/clock.h"
#include "process/loom.h"
#include "process/vessel.h"

namespace kernel {
namespace {

/// What the clock shows, in ticks.
base::Result<std::uint64_t> read_clock(std::uint64_t clock)
{
    const Thread& thread = loom.current();
    switch (static_cast<uapi::Clock>(static_cast<std::uint32_t>(clock))) {
    case uapi::Clock::Realtime:
    case uapi::Clock::Monotonic:
    case uapi::Clock::MonotonicRaw:
    case uapi::Clock::RealtimeCoarse:
    case uapi::Clock::MonotonicCoarse:
    case uapi::Clock::Boottime: return loom.now();
    case uapi::Clock::ProcessCpuTime: return usage_of(*thread.vessel).ticks;
    case uapi::Clock::ThreadCpuTime: return thread.usage.ticks;
    }
    return base::fail(uapi::Error::Einval);
}

base::Result<std::uint64_t> sleep_until(std::uint64_t deadline)
{
    if (loom.sleep(deadline) == WakeReason::Killed) {
        return base::fail(uapi::Error::Eintr);
    }
    return 0;
}

base::Result<std::uint64_t> sleep_for(std::uint64_t ticks)
{
    if (ticks == 0) {
        loom.yield();
        return 0;
    }
    return sleep_until(deadline_after(loom.now(), ticks));
}

} // namespace

base::Result<std::uint64_t> clock_gettime(std::uint64_t clock, arch::VirtAddr time)
{
    const std::uint64_t ticks = TRY(read_clock(clock));
    TRY(write_user(time, time_spec_of_ticks(ticks)));
    return 0;
}

base::Result<std::uint64_t> clock_getres(std::uint64_t clock, arch::VirtAddr resolution)
{
    static_cast<void>(TRY(read_clock(clock)));
    if (resolution != arch::VirtAddr{}) {
        TRY(write_user(resolution, time_spec_of_ticks(1)));
    }
    return 0;
}

base::Result<std::uint64_t> gettimeofday(arch::VirtAddr time, arch::VirtAddr zone)
{
    if (time != arch::VirtAddr{}) {
        TRY(write_user(time, time_value_of_ticks(loom.now())));
    }
    if (zone != arch::VirtAddr{}) {
        TRY(write_user(zone, uapi::TimeZone{}));
    }
    return 0;
}

base::Result<std::uint64_t> time(arch::VirtAddr seconds)
{
    const std::int64_t now = time_spec_of_ticks(loom.now()).seconds;
    if (seconds != arch::VirtAddr{}) {
        TRY(write_user(seconds, now));
    }
    return static_cast<std::uint64_t>(now);
}

base::Result<std::uint64_t> nanosleep(arch::VirtAddr span)
{
    const auto time = TRY(read_user<uapi::TimeSpec>(span));
    const std::uint64_t ticks = TRY(ticks_of(time));
    return sleep_for(ticks);
}

base::Result<std::uint64_t> clock_nanosleep(std::uint64_t clock, std::uint64_t flags, arch::VirtAddr time)
{
    static_cast<void>(TRY(read_clock(clock)));
    const auto kind = static_cast<uapi::Clock>(static_cast<std::uint32_t>(clock));
    if (kind == uapi::Clock::ThreadCpuTime || kind == uapi::Clock::ProcessCpuTime) {
        return base::fail(uapi::Error::Einval); // they stand still while the caller sleeps
    }
    const auto wanted = TRY(read_user<uapi::TimeSpec>(time));
    const std::uint64_t ticks = TRY(ticks_of(wanted));
    if ((flags & uapi::kAbsoluteTime) == 0) {
        return sleep_for(ticks);
    }
    if (ticks <= loom.now()) {
        return 0;
    }
    return sleep_until(ticks);
}

} // namespace kernel
