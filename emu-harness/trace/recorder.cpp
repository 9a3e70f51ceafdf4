// SPDX-License-Identifier: GPL-2.0-or-later
// A call's event is written when it is made and completed when ring 3 goes on, so the order is that of the calls.
#include "trace/recorder.h"

#include "arch/control_registers.h"
#include "arch/exception.h"
#include "arch/paging.h"
#include "trace/symbolise.h"

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

bool Recorder::is_ours(const model::CpuState& state) const
{
    return process_ && !ended_ && arch::cr3::kTable.get(state.cr3) == arch::cr3::kTable.get(process_->table);
}

void Recorder::on_process_started(std::uint64_t, const Process& process, const model::CpuState&)
{
    if (!process_ && process.name == trace_.program) {
        process_ = process;
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
        if (transition.kind == TransitionKind::Syscall) {
            called(transition.before);
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
        append(EnterEvent{name_code(symbols_, trace_.program, state.rip)});
    }
    if (open_call_) {
        std::get<SyscallEvent>(trace_.events[*open_call_].what).result =
            decode_result(state[symbols_.guest().syscalls.result], symbols_.guest());
        open_call_.reset();
    }
    if (pending_fault_) {
        if (state.rip != pending_fault_->rip) {
            append(std::move(pending_fault_->event));
        }
        pending_fault_.reset();
    }
}

void Recorder::called(const model::CpuState& state)
{
    append(decode_syscall(state, memory_, symbols_));
    const auto& call = std::get<SyscallEvent>(trace_.events.back().what);
    if (!std::holds_alternative<NoResult>(call.result)) {
        open_call_ = trace_.events.size() - 1;
    }
}

void Recorder::faulted(const Transition& transition)
{
    // The saved RIP, which for a trap lies behind the instruction: what the kernel sees and logs.
    const std::uint64_t frame = transition.after[model::Gpr::Rsp] + (transition.error_code ? sizeof(std::uint64_t) : 0);
    const std::uint64_t rip = memory_.read_u64(transition.after, arch::VirtAddr{frame}).value_or(transition.before.rip);
    FaultEvent event{exception_word(*transition.vector), {}, name_code(symbols_, trace_.program, rip)};
    if (*transition.vector == static_cast<std::uint8_t>(arch::Vector::PageFault)) {
        event.access = FaultEvent::Access{access_of(transition.error_code.value_or(0)),
                                          name_data(symbols_, trace_.program, transition.after.cr2)};
    }
    pending_fault_ = {rip, std::move(event)};
}

void Recorder::on_process_ended(std::uint64_t, const Process& process, const model::CpuState&)
{
    if (!process_ || ended_ || process.id != process_->id) {
        return;
    }
    if (pending_fault_) {
        append(std::move(pending_fault_->event));
    }
    append(exit_event(symbols_.guest(), process.wait_status));
    ended_ = true;
}

} // namespace ringcheck
