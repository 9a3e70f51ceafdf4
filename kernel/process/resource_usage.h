// SPDX-License-Identifier: MIT
// What has been used, as getrusage(2) and wait4(2) tell it.
#pragma once

#include "process/clock.h"
#include "process/thread.h"
#include "uapi/process.h"

namespace kernel {

/// Time in the kernel is not told apart.
inline uapi::ResourceUsage resource_usage(const Usage& usage)
{
    uapi::ResourceUsage resources{};
    resources.user_time = time_value_of_ticks(usage.ticks);
    resources.minor_faults = static_cast<std::int64_t>(usage.faults);
    resources.voluntary_switches = static_cast<std::int64_t>(usage.voluntary);
    resources.involuntary_switches = static_cast<std::int64_t>(usage.involuntary);
    return resources;
}

} // namespace kernel
