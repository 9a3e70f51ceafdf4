// SPDX-License-Identifier: MIT
#include "trap/time_calls.h"

#include "cpu/user_copy.h"
#include "process/clock.h"
#include "process/harbor.h"
#include "process/loom.h"
#include "trap/poll_calls.h"
#include "uapi/system.h"

#include <utility>

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

/// Sleeps for the rest of a span.  A signal leaves what is left of it in the caller's memory, and restart_syscall goes
/// on.
base::Result<std::uint64_t> sleep_on(std::uint64_t deadline, arch::VirtAddr rest)
{
    if (loom.sleep(deadline) == WakeReason::Timeout) {
        return 0;
    }
    if (rest != arch::VirtAddr{}) {
        const std::uint64_t now = loom.now();
        TRY(write_user(rest, time_spec_of_ticks(deadline > now ? deadline - now : 0)));
    }
    loom.current().interrupted_call = {
        .kind = InterruptedCall::Kind::Sleep, .count = 0, .deadline = deadline, .place = rest.value};
    return base::fail(uapi::Error::ErestartBlock);
}

base::Result<std::uint64_t> sleep_for(std::uint64_t ticks, arch::VirtAddr rest)
{
    if (ticks == 0) {
        loom.yield();
        return 0;
    }
    return sleep_on(deadline_after(loom.now(), ticks), rest);
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

base::Result<std::uint64_t> nanosleep(arch::VirtAddr span, arch::VirtAddr rest)
{
    const auto time = TRY(read_user<uapi::TimeSpec>(span));
    const std::uint64_t ticks = TRY(ticks_of(time));
    return sleep_for(ticks, rest);
}

base::Result<std::uint64_t> clock_nanosleep(std::uint64_t clock, std::uint64_t flags, arch::VirtAddr time,
                                            arch::VirtAddr rest)
{
    static_cast<void>(TRY(read_clock(clock)));
    const auto kind = static_cast<uapi::Clock>(static_cast<std::uint32_t>(clock));
    if (kind == uapi::Clock::ThreadCpuTime || kind == uapi::Clock::ProcessCpuTime) {
        return base::fail(uapi::Error::Einval); // they stand still while the caller sleeps
    }
    const auto wanted = TRY(read_user<uapi::TimeSpec>(time));
    const std::uint64_t ticks = TRY(ticks_of(wanted));
    if ((flags & uapi::kAbsoluteTime) == 0) {
        return sleep_for(ticks, rest);
    }
    if (ticks <= loom.now()) {
        return 0;
    }
    // A point of time needs no remembering: the call is made again.
    return loom.sleep(ticks) == WakeReason::Timeout ? base::Result<std::uint64_t>(0)
                                                    : base::fail(uapi::Error::ErestartNoHandler);
}

base::Result<std::uint64_t> restart_syscall()
{
    const InterruptedCall call = std::exchange(loom.current().interrupted_call, {});
    switch (call.kind) {
    case InterruptedCall::Kind::None: break; // nothing has been interrupted
    case InterruptedCall::Kind::Sleep: return sleep_on(call.deadline, arch::VirtAddr{call.place});
    case InterruptedCall::Kind::Poll: return poll_on(arch::VirtAddr{call.place}, call.count, call.deadline);
    }
    return base::fail(uapi::Error::Eintr);
}

base::Result<std::uint64_t> alarm(std::uint64_t seconds)
{
    Vessel& vessel = *loom.current().vessel;
    const std::uint64_t now = loom.now(), left = vessel.alarm == 0 ? 0 : vessel.alarm - now;
    const std::uint64_t ticks = std::uint64_t{static_cast<std::uint32_t>(seconds)} * kTicksPerSecond;
    harbor.set_alarm(vessel, ticks == 0 ? 0 : deadline_after(now, ticks), 0);
    const std::uint64_t whole = left / kTicksPerSecond, rest = left % kTicksPerSecond;
    return whole + ((rest >= kTicksPerSecond / 2 || (whole == 0 && rest > 0)) ? 1 : 0);
}

base::Result<std::uint64_t> getitimer(std::uint64_t which, arch::VirtAddr value)
{
    if (static_cast<std::uint32_t>(which) != uapi::kRealTimer) {
        return base::fail(uapi::Error::Einval);
    }
    const Vessel& vessel = *loom.current().vessel;
    const std::uint64_t left = vessel.alarm == 0 ? 0 : vessel.alarm - loom.now();
    TRY(write_user(value, uapi::IntervalTimer{time_value_of_ticks(vessel.alarm_interval), time_value_of_ticks(left)}));
    return 0;
}

base::Result<std::uint64_t> setitimer(std::uint64_t which, arch::VirtAddr value, arch::VirtAddr old)
{
    if (static_cast<std::uint32_t>(which) != uapi::kRealTimer) {
        return base::fail(uapi::Error::Einval);
    }
    uapi::IntervalTimer wanted{};
    if (value != arch::VirtAddr{}) {
        wanted = TRY(read_user<uapi::IntervalTimer>(value));
    }
    const std::uint64_t ticks = TRY(ticks_of(wanted.value)), interval = TRY(ticks_of(wanted.interval));
    if (old != arch::VirtAddr{}) {
        static_cast<void>(TRY(getitimer(which, old)));
    }
    harbor.set_alarm(*loom.current().vessel, ticks == 0 ? 0 : deadline_after(loom.now(), ticks), interval);
    return 0;
}

} // namespace kernel
