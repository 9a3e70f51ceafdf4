// SPDX-License-Identifier: MIT
// Asks the vDSO for the time, and the kernel too, and holds one against the other: in a child as well.
#include "lib/process.h"
#include "lib/vdso.h"
#include "uapi/errno.h"
#include "uapi/time.h"

namespace {

using uapi::Clock;
using uapi::Syscall;
using uapi::TimeSpec;
using uapi::TimeValue;
using uapi::TimeZone;

int (*clock_gettime)(std::int32_t, TimeSpec*);
int (*clock_getres)(std::int32_t, TimeSpec*);
int (*gettimeofday)(TimeValue*, TimeZone*);
std::int64_t (*seconds)(std::int64_t*);
int (*getcpu)(std::uint32_t*, std::uint32_t*, const void*);

/// Under both of its names.
template <typename Function> bool find(Function*& function, const char* name, const char* other_name)
{
    const std::uint64_t address = user::vdso::find(name, "LINUX_2.6");
    function = reinterpret_cast<Function*>(address);
    return address != 0 && user::vdso::find(other_name, "LINUX_2.6") == address;
}

bool find_all()
{
    return find(clock_gettime, "__vdso_clock_gettime", "clock_gettime") &&
           find(clock_getres, "__vdso_clock_getres", "clock_getres") &&
           find(gettimeofday, "__vdso_gettimeofday", "gettimeofday") && find(seconds, "__vdso_time", "time") &&
           find(getcpu, "__vdso_getcpu", "getcpu") && user::vdso::find("__vdso_time", "LINUX_2.7") == 0 &&
           user::vdso::find("__vdso_nothing", "LINUX_2.6") == 0;
}

std::uint64_t number(Clock clock)
{
    return static_cast<std::uint64_t>(clock);
}

std::int64_t nanoseconds(const TimeSpec& time)
{
    return time.seconds * uapi::kNanosecondsPerSecond + time.nanoseconds;
}

/// What the vDSO says before and after the call is on both sides of what the call says.
bool agrees(Clock clock)
{
    TimeSpec before{}, said{}, after{}, resolution{}, said_resolution{};
    const auto which = static_cast<std::int32_t>(clock);
    const bool made =
        clock_gettime(which, &before) == 0 &&
        user::system_call(Syscall::ClockGettime, number(clock), reinterpret_cast<std::uint64_t>(&said)) == 0 &&
        clock_gettime(which, &after) == 0 && clock_getres(which, &resolution) == 0 &&
        user::system_call(Syscall::ClockGetres, number(clock), reinterpret_cast<std::uint64_t>(&said_resolution)) == 0;
    return made && nanoseconds(before) <= nanoseconds(said) && nanoseconds(said) <= nanoseconds(after) &&
           nanoseconds(after) - nanoseconds(before) < 100'000'000 &&
           nanoseconds(resolution) == nanoseconds(said_resolution);
}

/// The clock moves while nobody makes a call.
bool moves()
{
    TimeSpec first{}, now{};
    clock_gettime(static_cast<std::int32_t>(Clock::Monotonic), &first);
    do {
        clock_gettime(static_cast<std::int32_t>(Clock::Monotonic), &now);
    } while (nanoseconds(now) < nanoseconds(first) + 2'000'000);
    return nanoseconds(now) == nanoseconds(first) + 2'000'000;
}

bool the_day_agrees()
{
    TimeValue before{}, said{}, after{};
    TimeZone zone{1, 1};
    std::int64_t stored = 0;
    const bool made =
        gettimeofday(&before, nullptr) == 0 &&
        user::system_call(Syscall::Gettimeofday, reinterpret_cast<std::uint64_t>(&said), std::uint64_t{0}) == 0 &&
        gettimeofday(&after, &zone) == 0 && gettimeofday(nullptr, nullptr) == 0;
    const auto microseconds = [](const TimeValue& time) { return time.seconds * 1'000'000 + time.microseconds; };
    const std::int64_t now = seconds(&stored);
    return made && microseconds(before) <= microseconds(said) && microseconds(said) <= microseconds(after) &&
           zone.minutes_west == 0 && zone.daylight_saving == 0 && now == stored && now - after.seconds <= 1 &&
           seconds(nullptr) >= now;
}

/// What the page does not say, the vDSO asks the kernel.
bool asks_for_the_rest()
{
    constexpr int kInvalid = -static_cast<int>(uapi::Error::Einval);
    TimeSpec time{};
    return clock_gettime(static_cast<std::int32_t>(Clock::ThreadCpuTime), &time) == 0 &&
           clock_gettime(static_cast<std::int32_t>(Clock::ProcessCpuTime), &time) == 0 &&
           clock_gettime(99, &time) == kInvalid && clock_gettime(-1, &time) == kInvalid &&
           clock_getres(99, &time) == kInvalid &&
           clock_getres(static_cast<std::int32_t>(Clock::Monotonic), nullptr) == 0;
}

bool works()
{
    std::uint32_t cpu = 1, node = 1;
    return agrees(Clock::Realtime) && agrees(Clock::Monotonic) && agrees(Clock::MonotonicRaw) &&
           agrees(Clock::RealtimeCoarse) && agrees(Clock::MonotonicCoarse) && agrees(Clock::Boottime) && moves() &&
           the_day_agrees() && asks_for_the_rest() && getcpu(&cpu, &node, nullptr) == 0 && cpu == 0 && node == 0;
}

} // namespace

int main()
{
    if (!find_all()) {
        user::print("the vDSO lacks a name\n");
        return 1;
    }
    if (!works()) {
        user::print("the vDSO and the kernel do not agree\n");
        return 2;
    }
    const std::int64_t child = user::fork();
    if (child == 0) {
        user::exit(works() ? 0 : 1);
    }
    std::uint32_t status = 1;
    if (user::wait4(child, &status) != child || status != 0) {
        user::print("the vDSO is another one in a child\n");
        return 3;
    }
    user::print("the vDSO says what the kernel says\n");
    return 0;
}
