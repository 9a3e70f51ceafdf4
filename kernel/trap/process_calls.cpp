// SPDX-License-Identifier: MIT
#include "trap/process_calls.h"

#include "cpu/user_copy.h"
#include "process/clock.h"
#include "process/harbor.h"
#include "process/loom.h"
#include "trap/path_argument.h"
#include "uapi/process.h"

namespace kernel {
namespace {

std::uint64_t number_of(ThreadId id)
{
    return static_cast<std::uint64_t>(id);
}

std::uint64_t number_of(VesselId id)
{
    return static_cast<std::uint64_t>(id);
}

base::Result<std::uint64_t> clone(const layout::TrapFrame& frame, const CloneRequest& request)
{
    const ThreadId child = TRY(harbor.clone(frame, request));
    return number_of(child);
}

/// A process number in a register is an int; > 0: that child, 0: the caller's group, -1: any, < -1: that group.
Harbor::WaitTarget wait_target(std::uint64_t word)
{
    const auto number = static_cast<std::int32_t>(word);
    if (number > 0) {
        return {Harbor::WaitTarget::One, VesselId{static_cast<std::uint64_t>(number)}};
    }
    if (number == -1) {
        return {};
    }
    const auto group = std::uint64_t{0} - static_cast<std::uint64_t>(std::int64_t{number});
    return {Harbor::WaitTarget::Group, number == 0 ? loom.current().vessel->group : VesselId{group}};
}

uapi::ResourceUsage resource_usage(const Usage& usage)
{
    uapi::ResourceUsage resources{};
    resources.user_time = time_value_of_ticks(usage.ticks);
    resources.minor_faults = static_cast<std::int64_t>(usage.faults);
    resources.voluntary_switches = static_cast<std::int64_t>(usage.voluntary);
    resources.involuntary_switches = static_cast<std::int64_t>(usage.involuntary);
    return resources;
}

} // namespace

base::Result<std::uint64_t> fork(const layout::TrapFrame& frame)
{
    CloneRequest request;
    request.flags = static_cast<std::uint64_t>(uapi::Signal::Sigchld);
    return clone(frame, request);
}

base::Result<std::uint64_t> vfork(const layout::TrapFrame& frame)
{
    using namespace uapi::clone_flag;
    CloneRequest request;
    request.flags = kMemory | kParentWaits | static_cast<std::uint64_t>(uapi::Signal::Sigchld);
    return clone(frame, request);
}

base::Result<std::uint64_t> clone(const layout::TrapFrame& frame)
{
    return clone(frame, {.flags = frame.rdi,
                         .stack = frame.rsi,
                         .parent_tid = arch::VirtAddr{frame.rdx},
                         .child_tid = arch::VirtAddr{frame.r10},
                         .thread_pointer = frame.r8});
}

base::Result<std::uint64_t> execve(layout::TrapFrame& frame)
{
    const base::StringView path = TRY(read_path(arch::VirtAddr{frame.rdi}, 1)); // its interpreters' need the other one
    if (path.empty()) {
        return base::fail(uapi::Error::Enoent);
    }
    TRY(harbor.execute(
        frame, {.path = path, .arguments = arch::VirtAddr{frame.rsi}, .environment = arch::VirtAddr{frame.rdx}}));
    return 0;
}

void exit(std::uint64_t status)
{
    harbor.exit_thread(wait_status_of_exit(status));
}

void exit_group(std::uint64_t status)
{
    harbor.end_current(wait_status_of_exit(status));
}

base::Result<std::uint64_t> wait4(std::uint64_t target, arch::VirtAddr status, std::uint64_t options,
                                  arch::VirtAddr usage)
{
    using namespace uapi::wait_option;
    const auto flags = static_cast<std::uint32_t>(options);
    if ((flags & ~(kNoHang | kStopped | kContinued | kNoThread | kAll)) != 0) {
        return base::fail(uapi::Error::Einval);
    }
    if (static_cast<std::int32_t>(target) == INT32_MIN) {
        return base::fail(uapi::Error::Esrch); // the number of that group would be no int.  [wait(2) "ERRORS"]
    }
    const Harbor::Ended ended = TRY(harbor.wait(*loom.current().vessel, wait_target(target), (flags & kNoHang) == 0));
    if (ended.id == VesselId{}) {
        return 0;
    }
    if (status != arch::VirtAddr{}) {
        TRY(write_user(status, static_cast<std::uint32_t>(ended.wait_status)));
    }
    if (usage != arch::VirtAddr{}) {
        TRY(write_user(usage, resource_usage(ended.usage)));
    }
    return number_of(ended.id);
}

std::uint64_t getpid()
{
    return number_of(loom.current().vessel->id);
}

std::uint64_t gettid()
{
    return number_of(loom.current().id);
}

std::uint64_t getppid()
{
    return number_of(loom.current().vessel->parent->id);
}

base::Result<std::uint64_t> getpgid(std::uint64_t id)
{
    const auto number = static_cast<std::int32_t>(id);
    if (number == 0) {
        return getpgrp();
    }
    const Vessel* const vessel = number > 0 ? harbor.find(VesselId{static_cast<std::uint64_t>(number)}) : nullptr;
    if (vessel == nullptr) {
        return base::fail(uapi::Error::Esrch);
    }
    return number_of(vessel->group);
}

std::uint64_t getpgrp()
{
    return number_of(loom.current().vessel->group);
}

std::uint64_t set_tid_address(arch::VirtAddr word)
{
    loom.current().clear_child_tid = word.value;
    return gettid();
}

} // namespace kernel
