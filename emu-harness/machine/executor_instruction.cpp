// SPDX-License-Identifier: GPL-2.0-or-later
// The executor at one instruction that is not left to the engine, or not without a look at its result.
#include "machine/data_check.h"
#include "machine/engine_fault.h"
#include "machine/executor.h"
#include "machine/float_check.h"
#include "model/breakpoint.h"
#include "model/debug_trap.h"

#include <array>
#include <span>
#include <variant>

namespace ringcheck {

using model::CpuState;

namespace {

/// It reaches no device, whatever comes of it.
bool stays_in_the_cpu(InstructionKind kind)
{
    switch (kind) {
    case InstructionKind::Syscall:
    case InstructionKind::Sysret:
    case InstructionKind::Iret:
    case InstructionKind::Swapgs:
    case InstructionKind::IntN: return true;
    default: return false;
    }
}

} // namespace

/// By value: the engine's next stop overwrites the interception's.
std::optional<RunEnd> Executor::execute(Instruction instruction)
{
    if (!stays_in_the_cpu(instruction.kind)) {
        board_.disturbed();
    }
    transition_.before = cpu_.state();
    const CpuState& before = transition_.before;
    Outcome outcome = processor_.execute(instruction, before);
    if (auto* const result = std::get_if<Executed>(&outcome)) {
        return executed(before, *result);
    }
    if (const auto* const result = std::get_if<Raised>(&outcome)) {
        auto end = deliver(before, result->event, TransitionKind::SoftwareInterrupt);
        interception_.retire();
        return end;
    }
    if (const auto* const result = std::get_if<Faulted>(&outcome)) {
        return raise(result->state, result->fault);
    }
    return left_to_engine(before);
}

std::optional<RunEnd> Executor::executed(const CpuState& before, Executed& result)
{
    cpu_.follow_apic_mode();
    const bool by_flag_after =
        result.transition == TransitionKind::Syscall || result.transition == TransitionKind::Sysret;
    CpuState& after = result.state;
    after.pending_debug =
        pending_traps(before, after, by_flag_after ? model::StepRule::FlagAfter : model::StepRule::FlagBefore,
                      access_breakpoints_ | result.breakpoints);
    cpu_.commit(before, after, result.flush_tlb);
    if (result.transition) {
        transition_.count = interception_.count();
        transition_.kind = *result.transition;
        transition_.after = after;
        cpu_.tell(transition_);
    }
    interception_.retire();
    if (result.halted) {
        activity_ = model::Activity::Halted;
    }
    return board_.exit_requested();
}

void Executor::completed_by_engine(const CpuState& before, const CpuState& after)
{
    const std::uint64_t pending = pending_traps(before, after, model::StepRule::FlagBefore, access_breakpoints_);
    if (pending != after.pending_debug) {
        CpuState retired = after;
        retired.pending_debug = pending;
        cpu_.engine().set_state(retired);
    }
}

/// Lets the engine execute one instruction and looks at what came of it.
std::optional<RunEnd> Executor::left_to_engine(const CpuState& before)
{
    interception_.pass_one();
    const EngineStop stop = cpu_.engine().run();
    if (stop.cause != EngineStop::Cause::Intercepted && !is_single_step(stop)) {
        return handle(stop);
    }
    const CpuState after = cpu_.state();
    if (after.cpl != before.cpl) {
        return unmodelled(before, "far transfer to another ring");
    }
    cpu_.follow(before, after);
    completed_by_engine(before, after);
    return std::nullopt;
}

/// Data breakpoints, alignment checks and SSE exceptions, which the engine does not make: one instruction at a time,
/// its accesses foretold, and undone if it should have raised an exception.
std::optional<RunEnd> Executor::step_looking_at_data()
{
    const CpuState before = cpu_.state();
    std::array<std::byte, kLongestInstruction> code{};
    std::size_t read = 0;
    interception_.read_code(before.rip, code, read);
    const auto checked = check_data(before, std::span(code).first(read));
    if (!checked && !instruction_breakpoint(before)) {
        return deliver(before, to_event(checked.error(), before.rip), TransitionKind::Exception);
    }
    access_breakpoints_ = checked.value_or(0);
    interception_.stop_at_count(interception_.count() + 1);
    const std::uint64_t count = interception_.count();
    std::optional<FloatCheck> floats;
    if (sse_exceptions_unmasked(cpu_.engine())) {
        floats.emplace(cpu_.engine());
    }
    const EngineStop stop = cpu_.engine().run();
    std::optional<RunEnd> end;
    const bool completed = stop.cause == EngineStop::Cause::Intercepted && interception_.count() == count + 1;
    const std::size_t length = cpu_.state().rip - before.rip; // of one that does not branch, as SSE arithmetic
    const auto fault = floats && (completed || is_single_step(stop)) && length <= read && length != 0
                           ? floats->look(before, std::span(code).first(length))
                           : std::nullopt;
    if (fault) {
        cpu_.engine().set_state(before);
        end = raise(before, *fault);
    } else if (completed) {
        completed_by_engine(before, cpu_.state());
    } else {
        end = handle(stop);
    }
    access_breakpoints_ = 0;
    return end;
}

} // namespace ringcheck
