// SPDX-License-Identifier: MIT
// Sending: what becomes of a signal before anybody takes it.  [signal(7), kill(2)]
#include "process/clock.h"
#include "process/harbor.h"
#include "process/loom.h"

namespace kernel {

using uapi::Signal;
using uapi::SignalInfo;

namespace {

bool may_take(const Thread& thread, Signal signal)
{
    return !thread.blocked.has(signal) || thread.awaited.has(signal);
}

/// Whoever of the Vessel's threads takes it soonest: the one that runs, if it is one of them; nullptr: all block it.
Thread* find_taker(const Vessel& vessel, Signal signal)
{
    Thread& current = loom.current();
    if (current.vessel == &vessel && may_take(current, signal)) {
        return &current;
    }
    Thread* thread = vessel.threads;
    while (thread != nullptr && !may_take(*thread, signal)) {
        thread = thread->next_in_vessel;
    }
    return thread;
}

/// Sent by the kernel itself, which says no more.
SignalInfo from_kernel(Signal signal)
{
    return {.number = signal, .code = uapi::signal_code::kKernel};
}

} // namespace

bool Harbor::take_signal(Thread& thread, SignalSet signals, SignalInfo& info)
{
    const SignalSet own = thread.pending.set() & signals, shared = thread.vessel->pending.set() & signals;
    if ((own | shared).empty()) {
        return false;
    }
    info = own.empty() ? thread.vessel->pending.take(shared.first()) : thread.pending.take(own.first());
    note_mask(thread);
    return true;
}

void Harbor::discard(Vessel& vessel, SignalSet signals)
{
    vessel.pending.discard(signals);
    for (Thread* thread = vessel.threads; thread != nullptr; thread = thread->next_in_vessel) {
        thread->pending.discard(signals);
    }
}

base::Result<void> Harbor::generate(Vessel& vessel, Thread* target, const SignalInfo& info)
{
    if (info.number == Signal{} || vessel.id == kShellId || vessel.state != VesselState::Running || vessel.ending) {
        return {};
    }
    const Signal signal = info.number;
    if (signal == Signal::Sigkill) {
        end(vessel, wait_status_of_signal(signal));
        return {};
    }
    if (signal == Signal::Sigcont) {
        discard(vessel, kStopSignals);
        go_on(vessel);
    } else if (kStopSignals.has(signal)) {
        discard(vessel, SignalSet::of(Signal::Sigcont));
    }
    Thread* const taker = target == nullptr ? find_taker(vessel, signal) : may_take(*target, signal) ? target : nullptr;
    if (taker != nullptr && !taker->awaited.has(signal)) {
        if (vessel.actions.ignores(signal)) {
            return {};
        }
        const bool ends = uapi::default_action(signal) == uapi::DefaultAction::End &&
                          !vessel.actions.has_handler(signal) && vessel.stopped_by == Signal{};
        if (ends) {
            end(vessel, wait_status_of_signal(signal));
            return {};
        }
    }
    if (!(target == nullptr ? vessel.pending : target->pending).add(info)) {
        return base::fail(uapi::Error::Eagain);
    }
    vessel.signal_watchers.tell();
    if (taker != nullptr) {
        loom.interrupt(*taker);
    }
    return {};
}

base::Result<void> Harbor::send(Vessel& vessel, const SignalInfo& info)
{
    return generate(vessel, nullptr, info);
}

base::Result<void> Harbor::send(Thread& thread, const SignalInfo& info)
{
    return generate(*thread.vessel, &thread, info);
}

void Harbor::send(Vessel& vessel, Signal signal)
{
    // Of what the kernel sends nothing is real-time, so that there is room.
    static_cast<void>(send(vessel, from_kernel(signal)));
}

void Harbor::send_to_current(Signal signal)
{
    static_cast<void>(send(loom.current(), from_kernel(signal)));
}

bool Harbor::send_to_group(VesselId group, const SignalInfo& info)
{
    bool sent = false;
    for (Vessel* const vessel : vessels_) {
        if (vessel != nullptr && vessel->id != kShellId && vessel->group == group) {
            static_cast<void>(send(*vessel, info));
            sent = true;
        }
    }
    return sent;
}

bool Harbor::send_to_group(VesselId group, Signal signal)
{
    return send_to_group(group, from_kernel(signal));
}

bool Harbor::current_disregards(Signal signal)
{
    const Thread& thread = loom.current();
    return thread.blocked.has(signal) || thread.vessel->actions.get(signal).handler == uapi::signal_handler::kIgnore;
}

bool Harbor::is_orphaned(VesselId group) const
{
    for (const Vessel* const vessel : vessels_) {
        const bool counts = vessel != nullptr && vessel->group == group && vessel->state == VesselState::Running &&
                            vessel->parent != nullptr;
        if (counts && vessel->parent->group != group && vessel->parent->session == vessel->session) {
            return false;
        }
    }
    return true;
}

void Harbor::note_mask(Thread& thread)
{
    const SignalSet ready = (thread.pending.set() | thread.vessel->pending.set()).without(thread.blocked);
    if (ready.empty() && thread.vessel->stopped_by == Signal{}) {
        thread.return_work &= ~return_work::kSignal;
    } else {
        thread.return_work |= return_work::kSignal;
    }
}

/// What was on its way to `thread`, which does not take it any more, another thread of its Vessel may take.
void Harbor::pass_on_signals(const Thread& thread)
{
    const Vessel& vessel = *thread.vessel;
    for (Thread* other = vessel.threads; other != nullptr; other = other->next_in_vessel) {
        if (other != &thread && !vessel.pending.set().without(other->blocked).empty()) {
            loom.interrupt(*other);
        }
    }
}

void Harbor::set_mask(Thread& thread, SignalSet blocked)
{
    const SignalSet more = blocked.without(thread.blocked);
    thread.blocked = blocked.without(kUnstoppable);
    note_mask(thread);
    if (!(more & thread.vessel->pending.set()).empty()) {
        pass_on_signals(thread);
    }
}

/// Tells the parent of `vessel` that something has become of it.
void Harbor::tell_parent(Vessel& vessel, std::int32_t code, std::int32_t status)
{
    Vessel& parent = *vessel.parent;
    const bool is_end = code == uapi::signal_code::child::kExited || code == uapi::signal_code::child::kKilled;
    const std::uint64_t flags = parent.actions.get(Signal::Sigchld).flags;
    if (is_end || (flags & uapi::signal_flag::kNoChildStop) == 0) {
        static_cast<void>(send(parent, {.number = Signal::Sigchld,
                                        .code = code,
                                        .sender = static_cast<std::uint32_t>(vessel.id),
                                        .status = status,
                                        .time = static_cast<std::int64_t>(clock_ticks(usage_of(vessel).ticks))}));
    }
    loom.wake_all(parent.waiters);
}

void Harbor::go_on(Vessel& vessel)
{
    if (vessel.stopped_by == Signal{}) {
        return;
    }
    vessel.stopped_by = {};
    vessel.stop_reported = true;
    vessel.continue_reported = false;
    --stopped_;
    loom.wake_all(vessel.stopped_threads);
    tell_parent(vessel, uapi::signal_code::child::kContinued, static_cast<std::int32_t>(Signal::Sigcont));
}

void Harbor::stop_current(Signal signal)
{
    Vessel& vessel = *loom.current().vessel;
    if (vessel.stopped_by == Signal{}) {
        vessel.stopped_by = signal;
        vessel.stop_reported = false;
        vessel.continue_reported = true;
        ++stopped_;
        for (Thread* thread = vessel.threads; thread != nullptr; thread = thread->next_in_vessel) {
            thread->return_work |= return_work::kSignal; // each stops where it would enter ring 3
        }
        tell_parent(vessel, uapi::signal_code::child::kStopped, static_cast<std::int32_t>(signal));
    }
    wait_while_stopped();
}

void Harbor::wait_while_stopped()
{
    const Thread& thread = loom.current();
    Vessel& vessel = *thread.vessel;
    while (vessel.stopped_by != Signal{} && !thread.killed()) {
        static_cast<void>(loom.block(vessel.stopped_threads, Loom::kNever, Interruptible::ByEnd));
    }
}

/// Somebody who held the group together has ended.  When it is orphaned, and somebody in it is stopped, nobody is left
/// who could let it go on.  [POSIX.1-2017 exit "Consequences of Process Termination"]
void Harbor::release_group(VesselId group)
{
    bool has_stopped = false;
    for (unsigned slot = 0; slot < kMaximumVessels && stopped_ != 0 && !has_stopped; ++slot) {
        const Vessel* const vessel = vessels_[slot];
        has_stopped = vessel != nullptr && vessel->group == group && vessel->stopped_by != Signal{};
    }
    if (has_stopped && is_orphaned(group)) {
        send_to_group(group, Signal::Sighup);
        send_to_group(group, Signal::Sigcont);
    }
}

} // namespace kernel
