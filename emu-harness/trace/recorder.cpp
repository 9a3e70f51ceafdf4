// SPDX-License-Identifier: GPL-2.0-or-later
// A call's event is written when it is made and completed when ring 3 goes on, so the order is that of the calls.
#include "trace/recorder.h"

#include "arch/control_registers.h"
#include "arch/exception.h"
#include "arch/paging.h"
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

Recorder::Recorder(std::string program, GuestMemory& memory, const Symbols& symbols)
    : memory_(memory), symbols_(symbols)
{
    trace_.program = std::move(program);
}

bool Recorder::is_ours(const model::CpuState& state)
{
    if (!process_ || ended_ || thread_ended_ ||
        arch::cr3::kTable.get(state.cr3) != arch::cr3::kTable.get(process_->table)) {
        return false;
    }
    return !entered_ || thread_of(symbols_.guest(), memory_, state).value_or(0) == thread_;
}

void Recorder::on_process_started(std::uint64_t, const Process& process, const model::CpuState&)
{
    if (!process_ && process.program.name == trace_.program) {
        process_ = process;
        trace_.places = process.program.places;
        trace_.process = process.id;
    }
}

void Recorder::on_transition(const Transition& transition)
{
    if (!transition.changes_ring()) {
        return;
    }
    if (transition.after.cpl == 3) {
        if (is_ours(transition.after)) {
            entered_user(transition.after);
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

void Recorder::entered_user(const model::CpuState& state)
{
    if (!entered_) {
        entered_ = true;
        thread_ = thread_of(symbols_.guest(), memory_, state).value_or(0);
        append(EnterEvent{name_code(symbols_, process_->program, state.rip)});
    }
    if (waiting_.open_call) {
        const GuestDescription& guest = symbols_.guest();
        auto& call = std::get<SyscallEvent>(trace_.events[waiting_.open_call->event].what);
        // A page that the kernel has brought in to read it, the program could have read itself.
        SyscallEvent now = decode_syscall(waiting_.open_call->at_call, memory_, symbols_, *process_);
        for (std::size_t i = 0; i < call.arguments.size(); ++i) {
            if (!std::holds_alternative<Buffer>(call.arguments[i]) &&
                std::holds_alternative<Buffer>(now.arguments[i])) {
                call.arguments[i] = std::move(now.arguments[i]);
            }
        }
        call.result = decode_result(state[guest.syscalls.result], symbols_, call.name, *process_);
        waiting_.open_call.reset();
    }
    if (waiting_.pending_fault) {
        if (state.rip != waiting_.pending_fault->rip) {
            append(std::move(waiting_.pending_fault->event));
        }
        waiting_.pending_fault.reset();
    }
}

void Recorder::called(const Transition& transition)
{
    append(decode_syscall(transition.before, memory_, symbols_, *process_));
    const auto& call = std::get<SyscallEvent>(trace_.events.back().what);
    if (std::holds_alternative<NoResult>(call.result)) {
        thread_ended_ = true;
    } else {
        waiting_.open_call = OpenCall{trace_.events.size() - 1, transition.before};
    }
}

void Recorder::faulted(const Transition& transition)
{
    // The saved RIP, which for a trap lies behind the instruction: what the kernel sees and logs.
    const std::uint64_t frame = transition.after[model::Gpr::Rsp] + (transition.error_code ? sizeof(std::uint64_t) : 0);
    const std::uint64_t rip = memory_.read_u64(transition.after, arch::VirtAddr{frame}).value_or(transition.before.rip);
    FaultEvent event{exception_word(*transition.vector), {}, name_code(symbols_, process_->program, rip)};
    if (*transition.vector == static_cast<std::uint8_t>(arch::Vector::PageFault)) {
        event.access = FaultEvent::Access{access_of(transition.error_code.value_or(0)),
                                          name_data(symbols_, process_->program, transition.after.cr2)};
    }
    waiting_.pending_fault = PendingFault{rip, std::move(event)};
}

void Recorder::on_process_ended(std::uint64_t, const Process& process, const model::CpuState&)
{
    if (!process_ || ended_ || process.id != process_->id) {
        return;
    }
    if (waiting_.pending_fault) {
        append(std::move(waiting_.pending_fault->event));
    }
    append(exit_event(symbols_.guest(), process.wait_status));
    ended_ = true;
}

} // namespace ringcheck
