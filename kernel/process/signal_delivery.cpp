// SPDX-License-Identifier: MIT
// [Linux kernel/signal.c get_signal, arch/x86/kernel/signal.c handle_signal; signal(7) "Interruption of system calls"]
#include "process/signal_delivery.h"

#include "layout/landmarks.h"
#include "process/harbor.h"
#include "process/loom.h"
#include "process/signal_frame.h"
#include "process/syscall_log.h"
#include "uapi/syscalls.h"

namespace kernel {

using layout::TrapFrame;
using uapi::Error;
using uapi::Signal;
using uapi::SignalAction;
using uapi::SignalInfo;

namespace {

constexpr std::uint64_t kSyscallInstructionSize = 2;

/// The thread's own come first, and of them those about what it has done itself.
SignalInfo take(Thread& thread, SignalSet ready)
{
    const SignalSet own = thread.pending.set() & ready;
    const SignalSet faults = own & kFaultSignals;
    if (!own.empty()) {
        return thread.pending.take((faults.empty() ? own : faults).first());
    }
    return thread.vessel->pending.take(ready.first());
}

/// The result that says that a signal has interrupted the call, if it is one.
bool interrupted(const TrapFrame& frame, Error& how)
{
    const std::uint64_t number = ~frame.rax + 1;
    if (frame.vector != layout::kSyscallVector || number > UINT8_MAX || !is_restart(static_cast<Error>(number))) {
        return false;
    }
    how = static_cast<Error>(number);
    return true;
}

/// Decides what becomes of the call that the thread was in.
/// @param action  of the handler that runs first; nullptr: none does
void settle_call(TrapFrame& frame, const SignalAction* action)
{
    Error how{};
    if (!interrupted(frame, how)) {
        return;
    }
    frame.vector = layout::kSettledVector; // once
    const bool restarts =
        action == nullptr || (how == Error::Erestart && (action->flags & uapi::signal_flag::kRestart) != 0);
    if (!restarts) {
        frame.rax = ~static_cast<std::uint64_t>(Error::Eintr) + 1;
        syscall_log.result(frame.rax);
        return;
    }
    frame.rip -= kSyscallInstructionSize;
    frame.rax =
        how == Error::ErestartBlock ? static_cast<std::uint64_t>(uapi::Syscall::RestartSyscall) : frame.error_code;
    syscall_log.restart();
    landmark_call_restarts();
}

/// What a handler's signal blocks while it runs.
SignalSet blocked_by(const SignalAction& action, Signal signal)
{
    SignalSet blocked{action.mask};
    if ((action.flags & uapi::signal_flag::kNoDefer) == 0) {
        blocked.add(signal);
    }
    return blocked;
}

void handle(TrapFrame& frame, Thread& thread, const SignalInfo& info, const SignalAction& action)
{
    settle_call(frame, &action);
    const std::uint64_t result = frame.rax;
    const SignalSet after = thread.has_mask_to_restore ? thread.mask_to_restore : thread.blocked;
    if (!enter_handler(frame, thread, info, action, after)) {
        if (info.number == Signal::Sigsegv) {
            harbor.end(*thread.vessel, wait_status_of_signal(info.number));
            return;
        }
        force_signal({.number = Signal::Sigsegv, .code = uapi::signal_code::kKernel});
        return;
    }
    syscall_log.signal(info, action.handler);
    landmark_signal_delivered(static_cast<std::uint64_t>(info.number), result, action.handler);
    thread.has_mask_to_restore = false;
    if ((action.flags & uapi::signal_flag::kResetHandler) != 0) {
        thread.vessel->actions.reset(info.number);
    }
    harbor.set_mask(thread, thread.blocked | blocked_by(action, info.number));
}

/// @return false: the thread is to end
bool act_by_default(const Thread& thread, Signal signal)
{
    Vessel& vessel = *thread.vessel;
    switch (uapi::default_action(signal)) {
    case uapi::DefaultAction::Ignore:
    case uapi::DefaultAction::Continue: return true;
    case uapi::DefaultAction::Stop:
        if (signal == Signal::Sigstop || !harbor.is_orphaned(vessel.group)) {
            harbor.stop_current(signal);
        }
        return !thread.killed();
    case uapi::DefaultAction::End: break;
    }
    harbor.end(vessel, wait_status_of_signal(signal));
    return false;
}

} // namespace

void deliver_signals(TrapFrame& frame)
{
    Thread& thread = loom.current();
    Vessel& vessel = *thread.vessel;
    for (;;) {
        harbor.wait_while_stopped();
        if (thread.killed()) {
            return;
        }
        const SignalSet ready = (thread.pending.set() | vessel.pending.set()).without(thread.blocked);
        if (ready.empty()) {
            break;
        }
        const SignalInfo info = take(thread, ready);
        const SignalAction action = vessel.actions.get(info.number);
        if (action.handler > uapi::signal_handler::kIgnore) {
            handle(frame, thread, info, action);
            return; // asked again: another handler may come before the first instruction of this one
        }
        if (action.handler == uapi::signal_handler::kDefault && !act_by_default(thread, info.number)) {
            return;
        }
    }
    thread.return_work &= ~return_work::kSignal;
    settle_call(frame, nullptr);
    if (thread.has_mask_to_restore) {
        thread.has_mask_to_restore = false;
        harbor.set_mask(thread, thread.mask_to_restore);
    }
}

void force_signal(const SignalInfo& info)
{
    Thread& thread = loom.current();
    Vessel& vessel = *thread.vessel;
    if (!vessel.actions.has_handler(info.number) || thread.blocked.has(info.number)) {
        harbor.end(vessel, wait_status_of_signal(info.number));
        return;
    }
    static_cast<void>(thread.pending.add(info));
    thread.return_work |= return_work::kSignal;
}

} // namespace kernel
