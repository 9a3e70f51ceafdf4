// SPDX-License-Identifier: MIT
#include "trap/system_calls.h"

#include "cpu/user_copy.h"
#include "cpu/user_string.h"
#include "mm/kernel_memory.h"
#include "process/clock.h"
#include "process/harbor.h"
#include "process/loom.h"
#include "process/resource_usage.h"
#include "uapi/system.h"

namespace kernel {

using arch::VirtAddr;
using base::fail;
using base::Result;
using uapi::Error;

namespace {

/// The limits that there are; everything else is bounded by the machine alone.
uapi::ResourceLimit limit_of(uapi::Resource resource)
{
    const auto fixed = [](std::uint64_t limit) { return uapi::ResourceLimit{limit, limit}; };
    switch (resource) {
    case uapi::Resource::Stack: return fixed(layout::kUserStackLimit);
    case uapi::Resource::Core: return fixed(0);
    case uapi::Resource::Processes: return fixed(Harbor::kMaximumVessels);
    case uapi::Resource::Files: return fixed(DescriptorTable::kMaximum);
    case uapi::Resource::PendingSignals: return fixed(PendingSignals::kMaximumQueued);
    case uapi::Resource::MessageQueues:
    case uapi::Resource::Nice:
    case uapi::Resource::RealTimePriority: return fixed(0);
    default: return fixed(uapi::kUnlimited);
    }
}

} // namespace

Result<std::uint64_t> uname(VirtAddr name)
{
    uapi::SystemName names{};
    copy_text(names.system, "Linux"); // whose calls these are: programs look here for what to expect
    copy_text(names.node, "aethelos");
    copy_text(names.release, "6.1.0-aethelos");
    copy_text(names.version, "AethelOS");
    copy_text(names.machine, "x86_64");
    copy_text(names.domain, "(none)");
    TRY(write_user(name, names));
    return 0;
}

Result<std::uint64_t> sysinfo(VirtAddr info)
{
    uapi::SystemInfo result{};
    result.uptime = time_spec_of_ticks(loom.now()).seconds;
    result.total_memory = frame_allocator.total_frames() * arch::kPageSize;
    result.free_memory = frame_allocator.free_frames() * arch::kPageSize;
    result.processes = static_cast<std::uint16_t>(harbor.used_slots());
    result.unit = 1;
    TRY(write_user(info, result));
    return 0;
}

Result<std::uint64_t> prlimit64(std::uint64_t id, std::uint64_t resource, VirtAddr wanted, VirtAddr old)
{
    const auto number = static_cast<std::int32_t>(id);
    const auto which = static_cast<std::uint32_t>(resource);
    if (which >= uapi::kResources) {
        return fail(Error::Einval);
    }
    if (number != 0 && static_cast<std::uint64_t>(static_cast<std::uint32_t>(number)) !=
                           static_cast<std::uint64_t>(loom.current().vessel->id)) {
        return fail(Error::Esrch);
    }
    const uapi::ResourceLimit now = limit_of(static_cast<uapi::Resource>(which));
    if (wanted != VirtAddr{}) {
        const auto limit = TRY(read_user<uapi::ResourceLimit>(wanted));
        if (limit.soft > limit.hard) {
            return fail(Error::Einval);
        }
        if (limit.soft != now.soft || limit.hard < now.hard) {
            return fail(Error::Eperm);
        }
    }
    if (old != VirtAddr{}) {
        TRY(write_user(old, now));
    }
    return 0;
}

Result<std::uint64_t> getrlimit(std::uint64_t resource, VirtAddr limit)
{
    return limit == VirtAddr{} ? fail(Error::Efault) : prlimit64(0, resource, VirtAddr{}, limit);
}

Result<std::uint64_t> setrlimit(std::uint64_t resource, VirtAddr limit)
{
    return limit == VirtAddr{} ? fail(Error::Efault) : prlimit64(0, resource, limit, VirtAddr{});
}

Result<std::uint64_t> getrusage(std::uint64_t whose, VirtAddr usage)
{
    const Thread& thread = loom.current();
    switch (static_cast<std::int32_t>(whose)) {
    case uapi::kUsageSelf: TRY(write_user(usage, resource_usage(usage_of(*thread.vessel)))); return 0;
    case uapi::kUsageChildren: TRY(write_user(usage, resource_usage(thread.vessel->children_usage))); return 0;
    case uapi::kUsageThread: TRY(write_user(usage, resource_usage(thread.usage))); return 0;
    default: return fail(Error::Einval);
    }
}

Result<std::uint64_t> times(VirtAddr times)
{
    if (times != VirtAddr{}) {
        const Vessel& vessel = *loom.current().vessel;
        const uapi::ProcessTimes result{static_cast<std::int64_t>(clock_ticks(usage_of(vessel).ticks)), 0,
                                        static_cast<std::int64_t>(clock_ticks(vessel.children_usage.ticks)), 0};
        TRY(write_user(times, result));
    }
    return clock_ticks(loom.now());
}

Result<std::uint64_t> sched_getaffinity(std::uint64_t thread, std::uint64_t size, VirtAddr mask)
{
    constexpr std::uint64_t kFirstCpu = 1;
    const auto bytes = static_cast<std::uint32_t>(size);
    if (bytes < sizeof kFirstCpu || bytes % sizeof kFirstCpu != 0) {
        return fail(Error::Einval);
    }
    const auto number = static_cast<std::int32_t>(thread);
    if (number < 0 || (number != 0 && loom.find(ThreadId{static_cast<std::uint64_t>(number)}) == nullptr)) {
        return fail(Error::Esrch);
    }
    TRY(write_user(mask, kFirstCpu));
    return sizeof kFirstCpu;
}

Result<std::uint64_t> prctl(std::uint64_t operation, std::uint64_t argument, std::uint64_t third, std::uint64_t fourth,
                            std::uint64_t fifth)
{
    Vessel& vessel = *loom.current().vessel;
    const VirtAddr place{argument};
    switch (static_cast<uapi::ProcessControl>(static_cast<std::uint32_t>(operation))) {
    case uapi::ProcessControl::GetDumpable: return 0; // there are no core files
    case uapi::ProcessControl::SetName: {
        char name[Vessel::kCommandSize - 1];
        const Result<base::StringView> text = read_user_string(name, place);
        if (!text && text.error() == Error::Efault) {
            return fail(Error::Efault);
        }
        copy_text(vessel.command, text ? *text : base::StringView(name, sizeof name)); // cut, not refused
        return 0;
    }
    case uapi::ProcessControl::GetName: TRY(write_user(place, vessel.command)); return 0;
    case uapi::ProcessControl::SetChildSubreaper: vessel.adopts = argument != 0; return 0;
    case uapi::ProcessControl::GetChildSubreaper: TRY(write_user(place, std::uint32_t{vessel.adopts})); return 0;
    case uapi::ProcessControl::SetNoNewPrivileges:
        if (argument != 1 || third != 0 || fourth != 0 || fifth != 0) {
            return fail(Error::Einval);
        }
        vessel.no_new_privileges = true;
        return 0;
    case uapi::ProcessControl::GetNoNewPrivileges:
        return argument == 0 && third == 0 && fourth == 0 && fifth == 0
                   ? Result<std::uint64_t>(vessel.no_new_privileges ? 1 : 0)
                   : fail(Error::Einval);
    }
    return fail(Error::Einval);
}

} // namespace kernel
