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

/// EINVAL: the soft limit is above the hard one.  EPERM: the hard one would rise, or it is none that a process can set.
Result<void> set_limit(Vessel& vessel, uapi::Resource resource, uapi::ResourceLimit wanted)
{
    const uapi::ResourceLimit now = vessel.limits[resource];
    if (wanted.soft > wanted.hard) {
        return fail(Error::Einval);
    }
    const bool changes = wanted.soft != now.soft || wanted.hard != now.hard;
    if (wanted.hard > now.hard || (changes && !ResourceLimits::can_change(resource))) {
        return fail(Error::Eperm);
    }
    vessel.limits[resource] = wanted;
    vessel.files.set_limit(vessel.limits[uapi::Resource::Files].soft);
    vessel.memory.set_limits(vessel.limits.of_memory());
    return {};
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
    Vessel& vessel = *loom.current().vessel;
    const auto kind = static_cast<uapi::Resource>(which);
    const uapi::ResourceLimit now = vessel.limits[kind];
    if (wanted != VirtAddr{}) {
        const auto limit = TRY(read_user<uapi::ResourceLimit>(wanted));
        TRY(set_limit(vessel, kind, limit));
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
