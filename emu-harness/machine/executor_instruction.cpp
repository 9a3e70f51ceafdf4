// SPDX-License-Identifier: GPL-2.0-or-later
// The executor at one instruction that is not left to the engine, or not without a look at its result.
#include "arch/debug_registers.h"
#include "machine/executor.h"

#include <fmt/format.h>

#include <variant>

namespace ringcheck {

using model::CpuState;

/// By value: the engine's next stop overwrites the interception's.
std::optional<RunEnd> Executor::execute(Instruction instruction)
{
    const CpuState before = cpu_.state();
    const Outcome outcome = processor_.execute(instruction, before);
    if (const auto* const result = std::get_if<Executed>(&outcome)) {
        return executed(before, *result);
    }
    if (const auto* const result = std::get_if<Raised>(&outcome)) {
        auto end = deliver(before, result->event, TransitionKind::SoftwareInterrupt);
        interception_.retire(before.rip);
        return end;
    }
    if (const auto* const result = std::get_if<Faulted>(&outcome)) {
        return raise(result->state, result->fault);
    }
    return left_to_engine(before);
}

std::optional<RunEnd> Executor::executed(const CpuState& before, const Executed& result)
{
    cpu_.follow_apic_mode();
    if (arch::dr7::kEnables.get(result.state.dr7) != 0 && arch::dr7::kEnables.get(before.dr7) == 0) {
        board_.report_unmodelled(fmt::format("DR7 = {:#x}: breakpoints are not modelled", result.state.dr7));
    }
    cpu_.commit(before, result.state, result.flush_tlb);
    if (result.transition) {
        cpu_.tell(*result.transition, before, result.state);
    }
    interception_.retire(before.rip);
    if (result.halted) {
        return halt(result.state);
    }
    // A change of ring loads RFLAGS, and with it its own idea of single-stepping; a far transfer does not.
    const bool steps = !result.transition || result.transition == TransitionKind::FarTransfer;
    if ((before.rflags & arch::rflags::kTrap) != 0 && (result.state.rflags & arch::rflags::kTrap) != 0 && steps) {
        return single_step_trap(result.state);
    }
    return board_.exit_requested();
}

/// Lets the engine execute one instruction and looks at what came of it.
std::optional<RunEnd> Executor::left_to_engine(const CpuState& before)
{
    interception_.pass_one();
    const EngineStop stop = cpu_.engine().run();
    if (stop.cause != EngineStop::Cause::Intercepted) {
        return handle(stop);
    }
    const CpuState after = cpu_.state();
    if (after.cpl != before.cpl) {
        return unmodelled(before, "far transfer to another ring");
    }
    cpu_.follow(before, after);
    return std::nullopt;
}

std::optional<RunEnd> Executor::halt(const CpuState& state)
{
    if ((state.rflags & arch::rflags::kInterrupt) == 0 && !board_.local_apic().nmi_pending()) {
        return RunEnd{EndKind::Halted, 0, fmt::format("HLT with interrupts off, before {:#x}", state.rip), {}};
    }
    if (const auto ready = board_.idle(idle_limit_); !ready) {
        return RunEnd{EndKind::Halted, 0, fmt::format("HLT before {:#x}: {}", state.rip, ready.error()), {}};
    }
    return std::nullopt;
}

} // namespace ringcheck
