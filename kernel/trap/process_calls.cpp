// SPDX-License-Identifier: MIT
#include "trap/process_calls.h"

#include "base/min_max.h"
#include "cpu/user_copy.h"
#include "process/harbor.h"
#include "process/loom.h"
#include "process/resource_usage.h"
#include "process/signal_frame.h"
#include "trap/path_argument.h"
#include "uapi/process.h"
#include "uapi/system.h"

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

/// What SIGCHLD tells of it.
uapi::SignalInfo info_of_child(const Harbor::Ended& child)
{
    namespace code = uapi::signal_code::child;
    uapi::SignalInfo info{.number = uapi::Signal::Sigchld, .sender = static_cast<std::uint32_t>(child.id)};
    if (child.wait_status == kWaitStatusContinued) {
        info.code = code::kContinued;
        info.status = static_cast<std::int32_t>(uapi::Signal::Sigcont);
    } else if (killing_signal(child.wait_status) == 0) {
        info.code = code::kExited;
        info.status = static_cast<std::int32_t>(exit_status(child.wait_status));
    } else if (killing_signal(child.wait_status) == 0x7f) {
        info.code = code::kStopped;
        info.status = static_cast<std::int32_t>(exit_status(child.wait_status));
    } else {
        info.code = code::kKilled;
        info.status = static_cast<std::int32_t>(killing_signal(child.wait_status));
    }
    return info;
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

base::Result<std::uint64_t> clone3(const layout::TrapFrame& frame)
{
    using Arguments = uapi::CloneArguments;
    const arch::VirtAddr place{frame.rdi};
    const std::uint64_t size = frame.rsi;
    if (size > arch::kPageSize) {
        return base::fail(uapi::Error::E2big);
    }
    if (size < Arguments::kFirstSize) {
        return base::fail(uapi::Error::Einval);
    }
    // What a caller knows and this kernel does not must be 0.  [clone(2) "The clone3() system call"]
    for (std::uint64_t offset = sizeof(Arguments); offset < size; ++offset) {
        if (TRY(read_user<std::uint8_t>(place + offset)) != 0) {
            return base::fail(uapi::Error::E2big);
        }
    }
    Arguments arguments{};
    const std::uint64_t known = base::min<std::uint64_t>(size, sizeof arguments);
    if (copy_from_user({reinterpret_cast<std::uint8_t*>(&arguments), known}, place) < known) {
        return base::fail(uapi::Error::Efault);
    }
    const CloneRequest request = TRY(request_of(arguments));
    return clone(frame, request);
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
    const Harbor::WaitOptions wanted{
        .block = (flags & kNoHang) == 0, .stopped = (flags & kStopped) != 0, .continued = (flags & kContinued) != 0};
    const Harbor::Ended ended = TRY(harbor.wait(*loom.current().vessel, wait_target(target), wanted));
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

base::Result<std::uint64_t> waitid(std::uint64_t kind, std::uint64_t id, arch::VirtAddr info, std::uint64_t options,
                                   arch::VirtAddr usage)
{
    using namespace uapi::wait_option;
    const auto flags = static_cast<std::uint32_t>(options);
    const auto number = static_cast<std::int32_t>(id);
    constexpr std::uint32_t kWhat = kExited | kStopped | kContinued;
    if ((flags & ~(kWhat | kNoHang | kNoWait | kNoThread | kAll)) != 0 || (flags & kWhat) == 0) {
        return base::fail(uapi::Error::Einval);
    }
    Harbor::WaitTarget target;
    switch (static_cast<std::uint32_t>(kind)) {
    case uapi::kWaitAll: break;
    case uapi::kWaitProcess: target.kind = Harbor::WaitTarget::One; break;
    case uapi::kWaitGroup: target.kind = Harbor::WaitTarget::Group; break;
    default: return base::fail(uapi::Error::Einval);
    }
    if (target.kind != Harbor::WaitTarget::Any) {
        if (number < 0 || (number == 0 && target.kind == Harbor::WaitTarget::One)) {
            return base::fail(uapi::Error::Einval);
        }
        target.id = number == 0 ? loom.current().vessel->group : VesselId{static_cast<std::uint64_t>(number)};
    }
    const Harbor::Ended ended = TRY(harbor.wait(*loom.current().vessel, target,
                                                {.block = (flags & kNoHang) == 0,
                                                 .ended = (flags & kExited) != 0,
                                                 .stopped = (flags & kStopped) != 0,
                                                 .continued = (flags & kContinued) != 0,
                                                 .keep = (flags & kNoWait) != 0}));
    if (usage != arch::VirtAddr{} && ended.id != VesselId{}) {
        TRY(write_user(usage, resource_usage(ended.usage)));
    }
    if (info != arch::VirtAddr{}) {
        TRY(write_user(info, ended.id == VesselId{} ? uapi::SigInfo{} : to_user(info_of_child(ended))));
    }
    return 0;
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

std::uint64_t set_tid_address(arch::VirtAddr word)
{
    loom.current().clear_child_tid = word.value;
    return gettid();
}

} // namespace kernel
