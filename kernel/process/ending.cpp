// SPDX-License-Identifier: MIT
// How Vessels end.  A thread exits by itself, in the kernel, when it asks for it or before it would go back to ring 3;
// the reaper frees it; the last one of a Vessel takes the Vessel along; its parent collects what is left.
#include "base/assert.h"
#include "fs/terminal.h"
#include "layout/landmarks.h"
#include "mm/kernel_memory.h"
#include "process/futex.h"
#include "process/harbor.h"
#include "process/loom.h"
#include "process/robust_list.h"
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
    if (vessel.stopped_by != uapi::Signal{}) {
        vessel.stopped_by = {};
        --stopped_;
    }
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
    give_up_robust_locks(thread);
    if (thread.clear_child_tid != 0 && vessel.thread_count > 1) {
        // Whoever joins this thread waits for that word; when it cannot be written, nobody can.
        tell_end_of_thread(vessel, arch::VirtAddr{thread.clear_child_tid});
    }
    vessel.past_usage += thread.usage;
    vessel.remove(thread);
    thread.pending.discard({~std::uint64_t{0}});
    pass_on_signals(thread);
    if (vessel.thread_count == 0) {
        last_thread_exits(vessel);
    }
    loom.exit_current();
}

void Harbor::last_thread_exits(Vessel& vessel)
{
    vessel.ending = true;
    vessel.state = VesselState::Ending;
    vessel.alarm = 0;
    loom.wake_all(vessel.vfork_waiters);
    terminal.leader_ended(vessel);
    syscall_log.exit(vessel);
    landmark_process_ended(static_cast<std::uint64_t>(vessel.id), static_cast<std::uint64_t>(vessel.wait_status));
    leave_children(vessel);
    if (vessel.parent->group != vessel.group && vessel.parent->session == vessel.session) {
        release_group(vessel.group);
    }
}

/// Who gets its children: the nearest ancestor that has asked for such, or else the shell.
Vessel& Harbor::heir_of(const Vessel& vessel)
{
    Vessel* ancestor = vessel.parent;
    while (ancestor->id != kShellId && (!ancestor->adopts || ancestor->ending)) {
        ancestor = ancestor->parent;
    }
    return *ancestor;
}

void Harbor::leave_children(Vessel& vessel)
{
    Vessel& heir = heir_of(vessel);
    const bool nobody_asks = heir.id == kShellId;
    while (!vessel.children.empty()) {
        Vessel& child = *vessel.children.front();
        vessel.children.remove(child);
        child.parent = &heir;
        child.orphan = nobody_asks;
        (nobody_asks ? orphans_ : heir.children).push_back(child);
        if (child.group != vessel.group && child.session == vessel.session) {
            release_group(child.group); // unless the heir holds it together
        }
    }
    while (!vessel.zombies.empty()) {
        Vessel& child = *vessel.zombies.front();
        if (nobody_asks) {
            collect(child);
            continue;
        }
        vessel.zombies.remove(child);
        child.parent = &heir;
        heir.zombies.push_back(child);
        tell_end(child);
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
    vessel.pending.discard({~std::uint64_t{0}});
    vessel.actions.destroy(frame_allocator);
    vessel.state = VesselState::Zombie;
    Vessel& parent = *vessel.parent;
    (vessel.orphan ? orphans_ : parent.children).remove(vessel);
    parent.zombies.push_back(vessel);
    if (vessel.orphan) {
        collect(vessel);
        return;
    }
    tell_end(vessel);
}

/// Tells the parent of a Vessel that is one of its zombies.
void Harbor::tell_end(Vessel& vessel)
{
    const uapi::SignalAction action = vessel.parent->actions.get(uapi::Signal::Sigchld);
    const std::uint32_t signal = killing_signal(vessel.wait_status);
    tell_parent(vessel, signal == 0 ? uapi::signal_code::child::kExited : uapi::signal_code::child::kKilled,
                static_cast<std::int32_t>(signal == 0 ? exit_status(vessel.wait_status) : signal));
    if (action.handler == uapi::signal_handler::kIgnore || (action.flags & uapi::signal_flag::kNoChildWait) != 0) {
        collect(vessel); // nobody asks how it ended.  [sigaction(2) "SA_NOCLDWAIT"]
    }
}

namespace {

bool matches(const Vessel& vessel, Harbor::WaitTarget target)
{
    using Target = Harbor::WaitTarget;
    return target.kind == Target::Any || (target.kind == Target::One && vessel.id == target.id) ||
           (target.kind == Target::Group && vessel.group == target.id);
}

} // namespace

Vessel* Harbor::first_match(const VesselList& list, WaitTarget target)
{
    for (Vessel* vessel = list.front(); vessel != nullptr; vessel = vessel->next) {
        if (matches(*vessel, target)) {
            return vessel;
        }
    }
    return nullptr;
}

Vessel* Harbor::first_changed(const VesselList& list, WaitTarget target, WaitOptions options)
{
    for (Vessel* vessel = list.front(); vessel != nullptr; vessel = vessel->next) {
        const bool changed = (options.stopped && vessel->stopped_by != uapi::Signal{} && !vessel->stop_reported) ||
                             (options.continued && !vessel->continue_reported);
        if (changed && matches(*vessel, target)) {
            return vessel;
        }
    }
    return nullptr;
}

Harbor::Ended Harbor::tell_change(Vessel& vessel, bool keep)
{
    Ended told = describe(vessel);
    const bool stopped = vessel.stopped_by != uapi::Signal{} && !vessel.stop_reported;
    told.wait_status = stopped ? wait_status_of_stop(vessel.stopped_by) : kWaitStatusContinued;
    if (!keep) {
        (stopped ? vessel.stop_reported : vessel.continue_reported) = true;
    }
    return told;
}

base::Result<Harbor::Ended> Harbor::wait(Vessel& parent, WaitTarget target, WaitOptions options)
{
    for (WakeReason reason = WakeReason::Woken;;) {
        if (Vessel* const ended = options.ended ? first_match(parent.zombies, target) : nullptr) {
            if (options.keep) {
                return describe(*ended);
            }
            parent.children_usage += ended->past_usage;
            parent.children_usage += ended->children_usage;
            return collect(*ended);
        }
        if (Vessel* const changed = first_changed(parent.children, target, options)) {
            return tell_change(*changed, options.keep);
        }
        if (first_match(parent.children, target) == nullptr && first_match(parent.zombies, target) == nullptr) {
            return base::fail(uapi::Error::Echild);
        }
        if (!options.block) {
            return Ended{};
        }
        if (reason != WakeReason::Woken) {
            return base::fail(uapi::Error::Erestart);
        }
        reason = loom.block(parent.waiters);
    }
}

Harbor::Ended Harbor::describe(const Vessel& vessel)
{
    Ended ended{.id = vessel.id,
                .name = {},
                .wait_status = vessel.wait_status,
                .fault_reported = vessel.fault_reported,
                .usage = usage_of(vessel)};
    __builtin_memcpy(ended.name, vessel.name, sizeof ended.name);
    return ended;
}

Harbor::Ended Harbor::collect(Vessel& vessel)
{
    ASSERT(vessel.state == VesselState::Zombie);
    const Ended ended = describe(vessel);
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
