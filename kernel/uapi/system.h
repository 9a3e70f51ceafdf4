// SPDX-License-Identifier: MIT
// What programs can ask about the system and their share of it, as Linux x86-64 has it.
// [uname(2), sysinfo(2), getrlimit(2), times(2), prctl(2), getitimer(2)]
#pragma once

#include "uapi/time.h"

#include <cstdint>

namespace uapi {

/// struct utsname: NUL-terminated names.
struct SystemName {
    static constexpr unsigned kLength = 65;
    char system[kLength], node[kLength], release[kLength], version[kLength], machine[kLength], domain[kLength];
};
static_assert(sizeof(SystemName) == 390);

/// struct sysinfo
struct SystemInfo {
    std::int64_t uptime;    ///< seconds
    std::uint64_t loads[3]; ///< processes that are ready, times 2^16
    std::uint64_t total_memory, free_memory, shared_memory, buffer_memory, total_swap, free_swap; ///< in `unit`
    std::uint16_t processes;
    std::uint16_t padding;
    std::uint32_t padding2;
    std::uint64_t total_high, free_high;
    std::uint32_t unit; ///< bytes
    std::uint32_t padding3;
};
static_assert(sizeof(SystemInfo) == 112);

/// struct rlimit64
struct ResourceLimit {
    std::uint64_t soft, hard;
};
inline constexpr std::uint64_t kUnlimited = ~std::uint64_t{0};

/// RLIMIT_*
enum class Resource : std::uint32_t {
    CpuTime = 0,
    FileSize = 1,
    Data = 2,
    Stack = 3,
    Core = 4,
    Resident = 5,
    Processes = 6,
    Files = 7,
    LockedMemory = 8,
    AddressSpace = 9,
    Locks = 10,
    PendingSignals = 11,
    MessageQueues = 12,
    Nice = 13,
    RealTimePriority = 14,
    RealTimeRun = 15,
};
inline constexpr std::uint32_t kResources = 16;

/// struct tms, in clock ticks
struct ProcessTimes {
    std::int64_t user, system, children_user, children_system;
};

/// struct itimerval
struct IntervalTimer {
    TimeValue interval, value;
};
inline constexpr std::uint32_t kRealTimer = 0, kVirtualTimer = 1, kProfilingTimer = 2;

/// prctl(2)'s operations that there are.
enum class ProcessControl : std::uint32_t {
    GetDumpable = 3,
    SetName = 15,
    GetName = 16,
    SetChildSubreaper = 36,
    GetChildSubreaper = 37,
    SetNoNewPrivileges = 38,
    GetNoNewPrivileges = 39,
};

/// getrusage(2)'s targets.
inline constexpr std::int32_t kUsageSelf = 0, kUsageChildren = -1, kUsageThread = 1;

/// waitid(2)'s kinds of targets.
inline constexpr std::uint32_t kWaitAll = 0, kWaitProcess = 1, kWaitGroup = 2;

} // namespace uapi
