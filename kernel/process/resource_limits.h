// SPDX-License-Identifier: MIT
// What a process may use: setrlimit(2).  Children have their parent's limits, and a new program keeps them.
#pragma once

#include "fs/descriptor_table.h"
#include "mm/user_memory.h"
#include "process/pending_signals.h"
#include "uapi/system.h"

namespace kernel {

/// How many processes there can be in the machine.
inline constexpr unsigned kMaximumVessels = 512;

struct ResourceLimits {
    uapi::ResourceLimit limits[uapi::kResources];

    static constexpr ResourceLimits initial()
    {
        ResourceLimits all{};
        for (uapi::ResourceLimit& limit : all.limits) {
            limit = {uapi::kUnlimited, uapi::kUnlimited};
        }
        const auto fix = [&](uapi::Resource resource, std::uint64_t limit) { all[resource] = {limit, limit}; };
        fix(uapi::Resource::Stack, layout::kUserStackLimit);
        fix(uapi::Resource::Processes, kMaximumVessels);
        fix(uapi::Resource::Files, DescriptorTable::kMaximum);
        fix(uapi::Resource::PendingSignals, PendingSignals::kMaximumQueued);
        fix(uapi::Resource::MessageQueues, 0);
        fix(uapi::Resource::Nice, 0);
        fix(uapi::Resource::RealTimePriority, 0);
        all[uapi::Resource::Core].soft = 0; // there are no core files, whatever the limit
        return all;
    }

    constexpr uapi::ResourceLimit& operator[](uapi::Resource resource)
    {
        return limits[static_cast<std::uint32_t>(resource)];
    }
    constexpr const uapi::ResourceLimit& operator[](uapi::Resource resource) const
    {
        return limits[static_cast<std::uint32_t>(resource)];
    }

    /// Of these the kernel keeps what a process sets; the others are as they are.
    static constexpr bool can_change(uapi::Resource resource)
    {
        using enum uapi::Resource;
        return resource == FileSize || resource == Stack || resource == Core || resource == Processes ||
               resource == Files || resource == AddressSpace;
    }

    UserMemory::Limits of_memory() const
    {
        return {.bytes = (*this)[uapi::Resource::AddressSpace].soft, .stack = (*this)[uapi::Resource::Stack].soft};
    }
};

} // namespace kernel
