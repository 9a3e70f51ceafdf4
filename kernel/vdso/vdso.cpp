// SPDX-License-Identifier: MIT
// The vDSO: what a program can ask without a system call.  It runs in ring 3, with the time page below it, and makes
// the call where the page does not say enough.  Names, arguments and results are Linux's.  [vdso(7) "x86-64 functions"]
#include "process/clock.h"
#include "uapi/errno.h"
#include "uapi/syscalls.h"
#include "vdso/time_page.h"

// NOLINTBEGIN(readability-identifier-naming): the names are Linux's, and the linker script's

/// The page below the image: vdso.ld.
extern "C" [[gnu::visibility("hidden")]] const volatile kernel::TimePage vdso_time_page;

namespace {

/// The clocks that count the ticks since the kernel started.  Those of a thread or a Vessel are in no page.
bool counts_ticks(std::int32_t clock)
{
    switch (static_cast<uapi::Clock>(clock)) {
    case uapi::Clock::Realtime:
    case uapi::Clock::Monotonic:
    case uapi::Clock::MonotonicRaw:
    case uapi::Clock::RealtimeCoarse:
    case uapi::Clock::MonotonicCoarse:
    case uapi::Clock::Boottime: return true;
    case uapi::Clock::ProcessCpuTime:
    case uapi::Clock::ThreadCpuTime: break;
    }
    return false;
}

/// The call that this is instead of.
int system_call(uapi::Syscall number, std::int32_t clock, uapi::TimeSpec* time)
{
    std::int64_t result;
    asm volatile("syscall" : "=a"(result) : "a"(number), "D"(std::int64_t{clock}), "S"(time) : "rcx", "r11", "memory");
    return static_cast<int>(result);
}

} // namespace

extern "C" {

[[gnu::visibility("default")]] int __vdso_clock_gettime(std::int32_t clock, uapi::TimeSpec* time)
{
    if (!counts_ticks(clock)) {
        return system_call(uapi::Syscall::ClockGettime, clock, time);
    }
    *time = kernel::time_spec_of_ticks(vdso_time_page.ticks);
    return 0;
}

[[gnu::visibility("default")]] int __vdso_clock_getres(std::int32_t clock, uapi::TimeSpec* resolution)
{
    if (!counts_ticks(clock)) {
        return system_call(uapi::Syscall::ClockGetres, clock, resolution);
    }
    if (resolution != nullptr) {
        *resolution = kernel::time_spec_of_ticks(1);
    }
    return 0;
}

[[gnu::visibility("default")]] int __vdso_gettimeofday(uapi::TimeValue* time, uapi::TimeZone* zone)
{
    if (time != nullptr) {
        *time = kernel::time_value_of_ticks(vdso_time_page.ticks);
    }
    if (zone != nullptr) {
        *zone = {};
    }
    return 0;
}

[[gnu::visibility("default")]] std::int64_t __vdso_time(std::int64_t* seconds)
{
    const std::int64_t now = kernel::time_spec_of_ticks(vdso_time_page.ticks).seconds;
    if (seconds != nullptr) {
        *seconds = now;
    }
    return now;
}

/// There is one CPU.
[[gnu::visibility("default")]] int __vdso_getcpu(std::uint32_t* cpu, std::uint32_t* node, const void*)
{
    if (cpu != nullptr) {
        *cpu = 0;
    }
    if (node != nullptr) {
        *node = 0;
    }
    return 0;
}

[[gnu::weak, gnu::visibility("default"), gnu::alias("__vdso_clock_gettime")]] int clock_gettime(std::int32_t,
                                                                                                uapi::TimeSpec*);
[[gnu::weak, gnu::visibility("default"), gnu::alias("__vdso_clock_getres")]] int clock_getres(std::int32_t,
                                                                                              uapi::TimeSpec*);
[[gnu::weak, gnu::visibility("default"), gnu::alias("__vdso_gettimeofday")]] int gettimeofday(uapi::TimeValue*,
                                                                                              uapi::TimeZone*);
[[gnu::weak, gnu::visibility("default"), gnu::alias("__vdso_time")]] std::int64_t time(std::int64_t*);
[[gnu::weak, gnu::visibility("default"), gnu::alias("__vdso_getcpu")]] int getcpu(std::uint32_t*, std::uint32_t*,
                                                                                  const void*);
}
// NOLINTEND(readability-identifier-naming)
