// SPDX-License-Identifier: GPL-2.0-or-later
// The executor at one event: an exception of the engine's, an interrupt, an NMI, a trap.
#include "machine/engine_fault.h"
#include "machine/executor.h"

#include <fmt/format.h>

namespace ringcheck {
namespace {

using model::CpuState;
using model::Event;

TransitionKind kind_of(model::Taken taken)
{
    switch (taken) {
    case model::Taken::Nmi: return TransitionKind::Nmi;
    case model::Taken::Interrupt: return TransitionKind::Interrupt;
    default: return TransitionKind::Exception;
    }
}

} // namespace

std::optional<RunEnd> Executor::deliver(const CpuState& before, const Event& event, TransitionKind kind)
{
    announced_at_ = told_at_ = Interception::kNever; // the handler's first instruction has the same count
    auto end = cpu_.deliver(before, event, kind);
    if (end && end->kind == EndKind::Shutdown) {
        activity_ = model::Activity::Shutdown;
    }
    return end;
}

std::optional<RunEnd> Executor::raise(const CpuState& before, const model::Fault& fault)
{
    if (const auto end = cpu_.cannot_raise(before, fault)) {
        return end;
    }
    interception_.take_back_fault(before.rip);
    return deliver(before, to_event(fault, before.rip), TransitionKind::Exception);
}

std::optional<RunEnd> Executor::exception(const EngineStop& stop)
{
    if (is_single_step(stop)) {
        const CpuState after = cpu_.state();
        CpuState before = after;
        before.rflags |= arch::rflags::kTrap; // whatever POPF has made of it since
        completed_by_engine(before, after);
        return std::nullopt;
    }
    const auto [fault, before] = mended_fault(stop, interception_, cpu_);
    return deliver(before, to_event(fault, before.rip), TransitionKind::Exception);
}

/// Takes an event that nothing holds back.
std::optional<RunEnd> Executor::take(model::Taken taken)
{
    const CpuState before = cpu_.state();
    model::PendingEvents pending = board_.pending_events();
    const std::uint8_t vector = board_.take(taken);
    switch (taken) {
    case model::Taken::Shutdown:
        activity_ = model::Activity::Shutdown;
        return RunEnd{
            EndKind::Shutdown, 0, fmt::format("shutdown at {:#x}: a machine check with CR4.MCE = 0", before.rip), {}};
    case model::Taken::Init:
        // [SDM 3A "MP Initialization Protocol Requirements and Restrictions"]
        if (board_.local_apic().boot_processor()) {
            return RunEnd{
                EndKind::Reset, 0, fmt::format("INIT at {:#x}: the CPU begins again in its firmware", before.rip), {}};
        }
        activity_ = model::Activity::WaitForSipi;
        return std::nullopt;
    case model::Taken::Startup: return unmodelled(before, "a start-up IPI");
    case model::Taken::Interrupt: pending.interrupt = model::ExternalInterrupt{.vector = vector}; break;
    default: break;
    }
    model::Accepted accepted = accept(before, pending, taken);
    accepted.event.between_iterations = interception_.between_iterations(before.rip);
    activity_ = model::Activity::Running;
    return deliver(accepted.state, accepted.event, kind_of(taken));
}

/// The CPU executes nothing, and nothing that waits may end that.
std::optional<RunEnd> Executor::wait()
{
    const CpuState& state = cpu_.state();
    if (activity_ == model::Activity::WaitForSipi) {
        return RunEnd{
            EndKind::Halted,
            0,
            fmt::format("INIT at {:#x}: the CPU is no boot processor (IA32_APIC_BASE.BSP = 0) and waits for a "
                        "start-up IPI, which nobody sends",
                        state.rip),
            {}};
    }
    if (activity_ != model::Activity::Halted) {
        return RunEnd{EndKind::Shutdown, 0, fmt::format("the CPU is shut down at {:#x}", state.rip), {}};
    }
    if ((state.rflags & arch::rflags::kInterrupt) == 0) {
        return RunEnd{EndKind::Halted, 0, fmt::format("HLT with interrupts off, before {:#x}", state.rip), {}};
    }
    if (const auto idle = board_.idle(idle_limit_); !idle) {
        return RunEnd{EndKind::Halted, 0, fmt::format("HLT before {:#x}: {}", state.rip, idle.error()), {}};
    }
    return std::nullopt;
}

} // namespace ringcheck
