// SPDX-License-Identifier: MIT
#include "trap/signal_calls.h"

#include "cpu/user_copy.h"
#include "mm/kernel_memory.h"
#include "process/clock.h"
#include "process/harbor.h"
#include "process/loom.h"
#include "process/signal_delivery.h"
#include "process/signal_frame.h"

namespace kernel {

using arch::VirtAddr;
using base::fail;
using base::Result;
using layout::TrapFrame;
using uapi::Error;
using uapi::Signal;

namespace {

/// A signal that can be named; numbers of signals are an int in C.
Result<Signal> named(std::uint64_t word)
{
    const auto number = static_cast<std::uint32_t>(word);
    return number >= 1 && number <= uapi::kLastSignal ? Result<Signal>(static_cast<Signal>(number))
                                                      : fail(Error::Einval);
}

Result<SignalSet> read_set(VirtAddr set, std::uint64_t size)
{
    if (size != sizeof(SignalSet)) {
        return fail(Error::Einval);
    }
    return SignalSet{TRY(read_user<std::uint64_t>(set))};
}

/// The caller blocks `set` instead of what it blocks, until a handler has run.
Result<std::uint64_t> suspend(SignalSet set)
{
    Thread& thread = loom.current();
    if (!thread.has_mask_to_restore) {
        thread.mask_to_restore = thread.blocked;
    }
    thread.has_mask_to_restore = true;
    harbor.set_mask(thread, set);
    while (loom.sleep(Loom::kNever) == WakeReason::Woken) {
    }
    thread.return_work |= return_work::kSignal; // the mask comes back also when nothing is delivered
    return fail(Error::ErestartNoHandler);
}

} // namespace

Result<std::uint64_t> rt_sigaction(std::uint64_t signal, VirtAddr action, VirtAddr old, std::uint64_t set_size)
{
    if (set_size != sizeof(SignalSet)) {
        return fail(Error::Einval);
    }
    Vessel& vessel = caller();
    uapi::SignalAction wanted{};
    if (action != VirtAddr{}) {
        wanted = TRY(read_user<uapi::SignalAction>(action));
    }
    const Signal number = TRY(named(signal));
    if (action != VirtAddr{} && kUnstoppable.has(number)) {
        return fail(Error::Einval);
    }
    const uapi::SignalAction before = vessel.actions.get(number);
    if (action != VirtAddr{}) {
        wanted.flags &= uapi::signal_flag::kKnown;
        wanted.mask = SignalSet{wanted.mask}.without(kUnstoppable).bits;
        TRY(vessel.actions.set(frame_allocator, number, wanted));
        if (vessel.actions.ignores(number)) {
            harbor.discard(vessel, SignalSet::of(number)); // also what is blocked.  [sigaction(2)]
        }
    }
    if (old != VirtAddr{}) {
        TRY(write_user(old, before));
    }
    return 0;
}

Result<std::uint64_t> rt_sigprocmask(std::uint64_t how, VirtAddr set, VirtAddr old, std::uint64_t set_size)
{
    if (set_size != sizeof(SignalSet)) {
        return fail(Error::Einval);
    }
    Thread& thread = loom.current();
    const SignalSet before = thread.blocked;
    if (set != VirtAddr{}) {
        const SignalSet change = TRY(read_set(set, set_size));
        switch (static_cast<uapi::MaskChange>(static_cast<std::uint32_t>(how))) {
        case uapi::MaskChange::Block: harbor.set_mask(thread, before | change); break;
        case uapi::MaskChange::Unblock: harbor.set_mask(thread, before.without(change)); break;
        case uapi::MaskChange::Set: harbor.set_mask(thread, change); break;
        default: return fail(Error::Einval);
        }
    }
    if (old != VirtAddr{}) {
        TRY(write_user(old, before.bits));
    }
    return 0;
}

Result<std::uint64_t> rt_sigpending(VirtAddr set, std::uint64_t set_size)
{
    if (set_size > sizeof(SignalSet)) {
        return fail(Error::Einval);
    }
    const Thread& thread = loom.current();
    const SignalSet waiting = (thread.pending.set() | thread.vessel->pending.set()) & thread.blocked;
    const auto* const bytes = reinterpret_cast<const std::uint8_t*>(&waiting.bits);
    if (copy_to_user(set, {bytes, set_size}) < set_size) {
        return fail(Error::Efault);
    }
    return 0;
}

Result<std::uint64_t> rt_sigsuspend(VirtAddr set, std::uint64_t set_size)
{
    const SignalSet blocked = TRY(read_set(set, set_size));
    return suspend(blocked);
}

Result<std::uint64_t> pause()
{
    while (loom.sleep(Loom::kNever) == WakeReason::Woken) {
    }
    return fail(Error::ErestartNoHandler);
}

Result<std::uint64_t> rt_sigtimedwait(VirtAddr set, VirtAddr info, VirtAddr span, std::uint64_t set_size)
{
    const SignalSet wanted = TRY(read_set(set, set_size)).without(kUnstoppable);
    std::uint64_t deadline = Loom::kNever;
    if (span != VirtAddr{}) {
        const auto time = TRY(read_user<uapi::TimeSpec>(span));
        const std::uint64_t ticks = TRY(ticks_of(time));
        deadline = ticks == 0 ? 0 : deadline_after(loom.now(), ticks);
    }
    Thread& thread = loom.current();
    uapi::SignalInfo taken;
    bool found = Harbor::take_signal(thread, wanted, taken);
    WakeReason reason = WakeReason::Timeout;
    if (!found && deadline != 0) {
        thread.awaited = wanted;
        reason = loom.sleep(deadline);
        thread.awaited = {};
        found = Harbor::take_signal(thread, wanted, taken);
    }
    if (!found) {
        return fail(reason == WakeReason::Timeout ? Error::Eagain : Error::Eintr);
    }
    if (info != VirtAddr{}) {
        TRY(write_user(info, to_user(taken)));
    }
    return static_cast<std::uint64_t>(taken.number);
}

Result<std::uint64_t> sigaltstack(VirtAddr stack, VirtAddr old, std::uint64_t rsp)
{
    namespace flag = uapi::alternate_stack;
    Thread& thread = loom.current();
    uapi::AlternateStack before = thread.alternate_stack;
    const bool stands_on_it = on_alternate_stack(thread, rsp);
    if (stands_on_it) {
        before.flags |= static_cast<std::int32_t>(flag::kOnStack);
    }
    if (stack != VirtAddr{}) {
        const auto wanted = TRY(read_user<uapi::AlternateStack>(stack));
        const std::uint32_t flags = static_cast<std::uint32_t>(wanted.flags) & ~flag::kAutoDisarm;
        if (stands_on_it) {
            return fail(Error::Eperm);
        }
        if (flags != 0 && flags != flag::kOnStack && flags != flag::kDisable) {
            return fail(Error::Einval);
        }
        if (flags != flag::kDisable && wanted.size < flag::kMinimumSize) {
            return fail(Error::Enomem);
        }
        thread.alternate_stack = uapi::kNoAlternateStack;
        if (flags != flag::kDisable) {
            thread.alternate_stack = {.base = wanted.base,
                                      .flags = wanted.flags & static_cast<std::int32_t>(flag::kAutoDisarm),
                                      .padding = 0,
                                      .size = wanted.size};
        }
    }
    if (old != VirtAddr{}) {
        TRY(write_user(old, before));
    }
    return 0;
}

std::uint64_t rt_sigreturn(TrapFrame& frame)
{
    Thread& thread = loom.current();
    SignalSet mask;
    if (!leave_handler(frame, thread, mask)) {
        force_signal({.number = Signal::Sigsegv, .code = uapi::signal_code::kKernel});
        return frame.rax;
    }
    harbor.set_mask(thread, mask);
    thread.interrupted_call.kind = InterruptedCall::Kind::None; // the call that the handler has ended is over
    frame.vector = layout::kSettledVector;                      // what is in RAX now is no result
    thread.return_work |= return_work::kFrameChanged;
    return frame.rax;
}

} // namespace kernel
