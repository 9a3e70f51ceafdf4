// SPDX-License-Identifier: MIT
// How Vessels end.  A thread exits by itself, in the kernel, when it asks for it or before it would go back to ring 3;
// the reaper frees it; the last one of a Vessel takes the Vessel along; its parent collects what is left.
#include "base/assert.h"
#include "layout/landmarks.h"
#include "process/futex.h"
#include "process/harbor.h"
#include "process/loom.h"
#include "process/syscall_log.h"

namespace kernel {

void Harbor::end(Vessel& vessel, WaitStatus wait_status)
{
    ASSERT(vessel.id != kShellId);
    if (vessel.ending || vessel.state != VesselState::Running) {
        return;
    }
    vessel.ending = true;
    vessel.wait_status = wait_status;
    for (Thread* thread = vessel.threads; thread != nullptr; thread = thread->next_in_vessel) {
        loom.kill(*thread);
    }
}

void Harbor::end_current(WaitStatus wait_status)
{
    end(*loom.current().vessel, wait_status);
    end_current_thread();
}

void Harbor::exit_thread(WaitStatus wait_status)
{
    const Thread& thread = loom.current();
    Vessel& vessel = *thread.vessel;
    const bool is_first = static_cast<std::uint64_t>(thread.id) == static_cast<std::uint64_t>(vessel.id);
    if (!vessel.ending && is_first) {
        vessel.wait_status = wait_status;
    }
    end_current_thread();
}

void Harbor::end_current_thread()
{
    Thread& thread = loom.current();
    Vessel& vessel = *thread.vessel;
    if (thread.clear_child_tid != 0 && vessel.thread_count > 1) {
        // Whoever joins this thread waits for that word; when it cannot be written, nobody can.
        tell_end_of_thread(vessel, arch::VirtAddr{thread.clear_child_tid});
    }
    vessel.past_usage += thread.usage;
    vessel.remove(thread);
    if (vessel.thread_count == 0) {
        last_thread_exits(vessel);
    }
    loom.exit_current();
}

void Harbor::last_thread_exits(Vessel& vessel)
{
    vessel.ending = true;
    vessel.state = VesselState::Ending;
    loom.wake_all(vessel.vfork_waiters);
    syscall_log.exit(vessel);
    landmark_process_ended(static_cast<std::uint64_t>(vessel.id), static_cast<std::uint64_t>(vessel.wait_status));
    while (!vessel.children.empty()) {
        Vessel& child = *vessel.children.front();
        vessel.children.remove(child);
        child.parent = &shell();
        child.orphan = true;
        orphans_.push_back(child);
    }
    while (!vessel.zombies.empty()) {
        collect(*vessel.zombies.front());
    }
}

void Harbor::bury(Thread& thread)
{
    Vessel& vessel = *thread.vessel;
    --vessel.unburied_threads;
    loom.free(thread);
    if (vessel.unburied_threads != 0) {
        if (vessel.unburied_threads == 1) {
            loom.wake_all(vessel.exec_waiters);
        }
        return;
    }
    ASSERT(vessel.state == VesselState::Ending);
    leave_files(vessel);
    vessel.memory.destroy();
    vessel.state = VesselState::Zombie;
    Vessel& parent = *vessel.parent;
    (vessel.orphan ? orphans_ : parent.children).remove(vessel);
    parent.zombies.push_back(vessel);
    if (vessel.orphan) {
        collect(vessel);
        return;
    }
    parent.note(uapi::Signal::Sigchld);
    loom.wake_all(parent.waiters);
}

Vessel* Harbor::first_match(const VesselList& list, WaitTarget target)
{
    for (Vessel* vessel = list.front(); vessel != nullptr; vessel = vessel->next) {
        if (target.kind == WaitTarget::Any || (target.kind == WaitTarget::One && vessel->id == target.id) ||
            (target.kind == WaitTarget::Group && vessel->group == target.id)) {
            return vessel;
        }
    }
    return nullptr;
}

base::Result<Harbor::Ended> Harbor::wait(Vessel& parent, WaitTarget target, bool block)
{
    for (;;) {
        if (Vessel* const ended = first_match(parent.zombies, target)) {
            return collect(*ended);
        }
        if (first_match(parent.children, target) == nullptr) {
            return base::fail(uapi::Error::Echild);
        }
        if (!block) {
            return Ended{};
        }
        if (loom.block(parent.waiters) == WakeReason::Killed) {
            return base::fail(uapi::Error::Eintr);
        }
    }
}

Harbor::Ended Harbor::collect(Vessel& vessel)
{
    ASSERT(vessel.state == VesselState::Zombie);
    Ended ended{.id = vessel.id,
                .name = {},
                .wait_status = vessel.wait_status,
                .fault_reported = vessel.fault_reported,
                .usage = vessel.past_usage};
    __builtin_memcpy(ended.name, vessel.name, sizeof ended.name);
    vessel.parent->zombies.remove(vessel);
    by_id_.remove(vessel);
    release(vessel);
    return ended;
}

void reap()
{
    for (;;) {
        while (Thread* const thread = loom.take_zombie()) {
            harbor.bury(*thread);
        }
        loom.rest();
    }
}

} // namespace kernel
