// SPDX-License-Identifier: MIT
#include "trap/schedule_calls.h"

#include "cpu/user_copy.h"
#include "process/harbor.h"
#include "process/loom.h"
#include "uapi/process.h"

namespace kernel {
namespace {

/// A user thread by its number in a register, 0 for the caller.
Thread* find_thread(std::uint64_t word)
{
    const auto number = static_cast<std::int32_t>(word);
    if (number == 0) {
        return &loom.current();
    }
    Thread* const thread = number > 0 ? loom.find(ThreadId{static_cast<std::uint64_t>(number)}) : nullptr;
    return thread != nullptr && thread->state != ThreadState::Zombie ? thread : nullptr;
}

/// Calls `visit` for each thread that `which` and `who` name.  EINVAL, ESRCH.
template <typename Visit> base::Result<void> for_each_target(std::uint64_t which, std::uint64_t who, Visit visit)
{
    const auto kind = static_cast<std::uint32_t>(which);
    if (kind == uapi::kPriorityProcess) {
        Thread* const thread = find_thread(who);
        if (thread == nullptr) {
            return base::fail(uapi::Error::Esrch);
        }
        visit(*thread);
        return {};
    }
    if (kind != uapi::kPriorityGroup) {
        return base::fail(uapi::Error::Einval); // there are no users
    }
    const auto number = static_cast<std::uint32_t>(who);
    const VesselId group = number == 0 ? loom.current().vessel->group : VesselId{number};
    bool found = false;
    for (unsigned i = 0; i < Harbor::kMaximumVessels; ++i) {
        const Vessel* const vessel = harbor.vessel(i);
        if (vessel == nullptr || vessel->group != group) {
            continue;
        }
        for (Thread* thread = vessel->threads; thread != nullptr; thread = thread->next_in_vessel) {
            visit(*thread);
            found = true;
        }
    }
    if (!found) {
        return base::fail(uapi::Error::Esrch);
    }
    return {};
}

} // namespace

std::uint64_t sched_yield()
{
    loom.yield();
    return 0;
}

base::Result<std::uint64_t> getpriority(std::uint64_t which, std::uint64_t who)
{
    std::uint64_t highest = 0;
    TRY(for_each_target(which, who, [&highest](const Thread& thread) {
        const std::uint64_t priority = RunQueue::kLevels - thread.nice_level;
        highest = priority > highest ? priority : highest;
    }));
    return highest;
}

base::Result<std::uint64_t> setpriority(std::uint64_t which, std::uint64_t who, std::uint64_t nice)
{
    constexpr std::int32_t kLowest = -20, kHighest = 19;
    auto wanted = static_cast<std::int32_t>(nice);
    wanted = wanted < kLowest ? kLowest : wanted > kHighest ? kHighest : wanted;
    const auto level = static_cast<unsigned>(wanted - kLowest);
    base::Result<std::uint64_t> result = 0;
    TRY(for_each_target(which, who, [&result, level](Thread& thread) {
        if (thread.vessel->id == Harbor::kShellId) {
            result = base::fail(uapi::Error::Eperm);
        } else if (level < thread.nice_level) {
            result = base::fail(uapi::Error::Eacces);
        } else {
            loom.set_nice_level(thread, level);
        }
    }));
    return result;
}

base::Result<std::uint64_t> sched_setscheduler(std::uint64_t thread, std::uint64_t policy, arch::VirtAddr parameters)
{
    constexpr std::int32_t kHighestRealTime = 99;
    const auto wanted = static_cast<std::uint32_t>(policy);
    const bool real_time = wanted == uapi::policy::kFifo || wanted == uapi::policy::kRoundRobin;
    if (static_cast<std::int32_t>(thread) < 0 || parameters == arch::VirtAddr{}) {
        return base::fail(uapi::Error::Einval);
    }
    const auto priority = TRY(read_user<std::int32_t>(parameters));
    if (find_thread(thread) == nullptr) {
        return base::fail(uapi::Error::Esrch);
    }
    if (real_time && priority >= 1 && priority <= kHighestRealTime) {
        return base::fail(uapi::Error::Eperm);
    }
    const bool ordinary =
        wanted == uapi::policy::kOther || wanted == uapi::policy::kBatch || wanted == uapi::policy::kIdle;
    if (!ordinary || priority != 0) {
        return base::fail(uapi::Error::Einval);
    }
    return 0;
}

base::Result<std::uint64_t> sched_getscheduler(std::uint64_t thread)
{
    if (static_cast<std::int32_t>(thread) < 0) {
        return base::fail(uapi::Error::Einval);
    }
    if (find_thread(thread) == nullptr) {
        return base::fail(uapi::Error::Esrch);
    }
    return uapi::policy::kOther;
}

} // namespace kernel
