// SPDX-License-Identifier: GPL-2.0-or-later
// A call's event is written when it is made and completed when ring 3 goes on, so the order is that of the calls.
#include "trace/process_stream.h"

#include "arch/control_registers.h"
#include "arch/exception.h"
#include "arch/paging.h"
#include "trace/recorder.h"
#include "trace/symbolise.h"
#include "watch/thread_of.h"

namespace ringcheck {
namespace {

FaultAccess access_of(std::uint32_t error_code)
{
    if ((error_code & arch::page_fault::kFetch) != 0) {
        return FaultAccess::Execute;
    }
    return (error_code & arch::page_fault::kWrite) != 0 ? FaultAccess::Write : FaultAccess::Read;
}

} // namespace

ProcessStream::ProcessStream(const Process& process, std::uint64_t traced, std::vector<Event>& events,
                             GuestMemory& memory, const Symbols& symbols)
    : memory_(memory), symbols_(symbols), events_(events), process_(process), named_(process)
{
    named_.id = traced;
}

bool ProcessStream::is_loaded(const model::CpuState& state) const
{
    return !ended_ && arch::cr3::kTable.get(state.cr3) == arch::cr3::kTable.get(process_.table);
}

bool ProcessStream::is_running(const model::CpuState& state) const
{
    return entered_ && is_loaded(state) && thread_of(symbols_.guest(), memory_, state).value_or(0) == thread_;
}

bool ProcessStream::is_ours(const model::CpuState& state) const
{
    return !thread_ended_ && (entered_ ? is_running(state) : is_loaded(state));
}

void ProcessStream::on_transition(const Transition& transition, bool with_entry)
{
    if (!transition.changes_ring()) {
        return;
    }
    now_ = transition.count;
    if (transition.after.cpl == 3) {
        if (is_ours(transition.after)) {
            entered_user(transition.after, with_entry);
        }
    } else if (is_ours(transition.before)) {
        if (is_system_call(symbols_.guest().syscalls, transition)) {
            called(transition);
        } else if (transition.vector && *transition.vector < arch::kExceptionVectors &&
                   (transition.kind == TransitionKind::Exception ||
                    transition.kind == TransitionKind::SoftwareInterrupt)) {
            faulted(transition);
        }
    }
}

void ProcessStream::entered_user(const model::CpuState& state, bool with_entry)
{
    if (!entered_) {
        entered_ = true;
        thread_ = thread_of(symbols_.guest(), memory_, state).value_or(0);
        if (with_entry) {
            append(EnterEvent{name_code(symbols_, process_.program, state.rip)});
        }
    }
    if (waiting_.open_call) {
        auto& call = std::get<SyscallEvent>(events_[waiting_.open_call->event].what);
        if (!executed_) {
            read_arguments_again(call);
        }
        call.result = decode_result(state[symbols_.guest().syscalls.result], symbols_, call.name, named_);
        waiting_.open_call.reset();
    }
    if (executed_) {
        executed_ = false;
        append(ExecuteEvent{process_.program.name, name_code(symbols_, process_.program, state.rip)});
    }
    if (waiting_.pending_fault) {
        if (state.rip != waiting_.pending_fault->rip) {
            append_fault();
        }
        waiting_.pending_fault.reset();
    }
}

/// A page that the kernel has brought in to read it, the program could have read itself.
void ProcessStream::read_arguments_again(SyscallEvent& call)
{
    SyscallEvent now = decode_syscall(waiting_.open_call->at_call, memory_, symbols_, named_);
    for (std::size_t i = 0; i < call.arguments.size(); ++i) {
        if (!std::holds_alternative<Buffer>(call.arguments[i]) && std::holds_alternative<Buffer>(now.arguments[i])) {
            call.arguments[i] = std::move(now.arguments[i]);
        }
    }
}

void ProcessStream::execute(const Process& process, const model::CpuState& state)
{
    const std::uint64_t traced = named_.id;
    process_ = process;
    named_ = process;
    named_.id = traced;
    executed_ = entered_;
    const std::uint64_t thread = entered_ ? thread_of(symbols_.guest(), memory_, state).value_or(0) : 0;
    if (thread != thread_) {
        waiting_ = {}; // whoever waited is gone
    }
    thread_ = thread;
    thread_ended_ = false; // whichever thread has asked for it is the first one now
}

void ProcessStream::signal_delivered(const DeliveredSignal& signal, const model::CpuState& state)
{
    if (!is_running(state)) {
        return;
    }
    if (waiting_.open_call) {
        auto& call = std::get<SyscallEvent>(events_[waiting_.open_call->event].what);
        call.result = decode_result(signal.result, symbols_, call.name, named_);
        waiting_.open_call.reset();
    }
    if (waiting_.pending_fault) {
        append_fault();
        waiting_.pending_fault.reset();
    }
    append(SignalEvent{signal_word(symbols_.guest(), signal.number),
                       name_code(symbols_, process_.program, signal.handler)});
}

void ProcessStream::call_restarts(const model::CpuState& state)
{
    if (is_running(state)) {
        waiting_.open_call.reset(); // its result stays unknown: the next call has one
    }
}

void ProcessStream::called(const Transition& transition)
{
    append(decode_syscall(transition.before, memory_, symbols_, named_));
    const auto& call = std::get<SyscallEvent>(events_.back().what);
    if (std::holds_alternative<NoResult>(call.result)) {
        const SyscallDescription* const made = symbols_.guest().syscalls.find(call.name);
        thread_ended_ = made != nullptr && !made->returns;
    } else {
        waiting_.open_call = OpenCall{events_.size() - 1, transition.before};
    }
}

void ProcessStream::faulted(const Transition& transition)
{
    // The saved RIP, which for a trap lies behind the instruction: what the kernel sees and logs.
    const std::uint64_t frame = transition.after[model::Gpr::Rsp] + (transition.error_code ? sizeof(std::uint64_t) : 0);
    const std::uint64_t rip = memory_.read_u64(transition.after, arch::VirtAddr{frame}).value_or(transition.before.rip);
    FaultEvent event{exception_word(*transition.vector), {}, name_code(symbols_, process_.program, rip)};
    if (*transition.vector == static_cast<std::uint8_t>(arch::Vector::PageFault)) {
        event.access = FaultEvent::Access{access_of(transition.error_code.value_or(0)),
                                          name_data(symbols_, process_.program, transition.after.cr2)};
    }
    waiting_.pending_fault = PendingFault{rip, transition.count, std::move(event)};
}

/// What waited turned out to be an event of its own.
void ProcessStream::append_fault()
{
    append(std::move(waiting_.pending_fault->event));
    events_.back().count = waiting_.pending_fault->count;
}

void ProcessStream::end(std::uint64_t wait_status)
{
    if (waiting_.pending_fault) {
        append_fault();
    }
    append(exit_event(symbols_.guest(), wait_status));
    ended_ = true;
}

} // namespace ringcheck
