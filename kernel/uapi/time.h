// SPDX-License-Identifier: MIT
// Clocks and the structures that carry time, as Linux x86-64 has them.  [clock_gettime(2), gettimeofday(2)]
#pragma once

#include <cstdint>

namespace uapi {

/// struct timespec.
struct TimeSpec {
    std::int64_t seconds, nanoseconds;
};
/// struct timeval.
struct TimeValue {
    std::int64_t seconds, microseconds;
};
/// struct timezone.
struct TimeZone {
    std::int32_t minutes_west, daylight_saving;
};

inline constexpr std::int64_t kNanosecondsPerSecond = 1'000'000'000;

enum class Clock : std::uint32_t {
    Realtime = 0,
    Monotonic = 1,
    ProcessCpuTime = 2,
    ThreadCpuTime = 3,
    MonotonicRaw = 4,
    RealtimeCoarse = 5,
    MonotonicCoarse = 6,
    Boottime = 7,
};

/// clock_nanosleep(2)'s flag: the time is a point of the clock, not a span.
inline constexpr std::uint32_t kAbsoluteTime = 1;

/// futex(2)'s operations, and the flags beside them.
namespace futex {
inline constexpr std::uint32_t kWait = 0, kWake = 1, kRequeue = 3, kCompareRequeue = 4, kWaitBits = 9, kWakeBits = 10;
inline constexpr std::uint32_t kPrivate = 128, kClockRealtime = 256;
inline constexpr std::uint32_t kAnyBit = 0xffff'ffff;
/// In a word that names its owner.  [futex(2) "Priority-inheritance futexes"; get_robust_list(2)]
inline constexpr std::uint32_t kWaiters = 0x8000'0000, kOwnerDied = 0x4000'0000, kOwner = 0x3fff'ffff;
} // namespace futex

} // namespace uapi
