// SPDX-License-Identifier: MIT
// Time as programs see it: what the timer ticks have counted since the kernel started.  A clock stands still between
// two ticks, so that the same run reads the same times.
#pragma once

#include "base/result.h"
#include "uapi/time.h"

#include <cstdint>

namespace kernel {

inline constexpr std::uint64_t kNanosecondsPerTick = 1'000'000;
inline constexpr std::uint64_t kMicrosecondsPerTick = 1'000;

inline constexpr std::uint64_t kTicksPerSecond = uapi::kNanosecondsPerSecond / kNanosecondsPerTick;

constexpr uapi::TimeSpec time_spec_of_ticks(std::uint64_t ticks)
{
    return {static_cast<std::int64_t>(ticks / kTicksPerSecond),
            static_cast<std::int64_t>(ticks % kTicksPerSecond * kNanosecondsPerTick)};
}

constexpr uapi::TimeValue time_value_of_ticks(std::uint64_t ticks)
{
    const uapi::TimeSpec time = time_spec_of_ticks(ticks);
    return {time.seconds, time.nanoseconds / 1'000};
}

/// In the unit of times(2) and of a child's siginfo_t, a hundredth of a second.
constexpr std::uint64_t clock_ticks(std::uint64_t ticks)
{
    constexpr std::uint64_t kNanosecondsPerClockTick = 10'000'000;
    return ticks * kNanosecondsPerTick / kNanosecondsPerClockTick;
}

/// The ticks that a span takes, rounded up; a span beyond a thousand years is cut to that.
/// EINVAL: negative, or a second or more in its nanoseconds.
constexpr base::Result<std::uint64_t> ticks_of(const uapi::TimeSpec& span)
{
    constexpr std::int64_t kLongest = std::int64_t{1000} * 366 * 24 * 3600;
    if (span.seconds < 0 || span.nanoseconds < 0 || span.nanoseconds >= uapi::kNanosecondsPerSecond) {
        return base::fail(uapi::Error::Einval);
    }
    const auto seconds = static_cast<std::uint64_t>(span.seconds < kLongest ? span.seconds : kLongest);
    const auto rest = static_cast<std::uint64_t>(span.nanoseconds);
    return seconds * (uapi::kNanosecondsPerSecond / kNanosecondsPerTick) +
           (rest + kNanosecondsPerTick - 1) / kNanosecondsPerTick;
}

/// The same of a struct timeval.  EINVAL: negative, or a second or more in its microseconds.
constexpr base::Result<std::uint64_t> ticks_of(const uapi::TimeValue& span)
{
    if (span.microseconds < 0 || span.microseconds >= uapi::kNanosecondsPerSecond / 1'000) {
        return base::fail(uapi::Error::Einval);
    }
    return ticks_of(uapi::TimeSpec{span.seconds, span.microseconds * 1'000});
}

/// The tick at which a span of `ticks` that begins now is over for certain: the one that runs has begun already.
constexpr std::uint64_t deadline_after(std::uint64_t now, std::uint64_t ticks)
{
    return now + ticks + 1;
}

} // namespace kernel
