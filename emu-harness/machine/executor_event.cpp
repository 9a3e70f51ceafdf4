// SPDX-License-Identifier: GPL-2.0-or-later
// The executor at one event: an exception of the engine's, an interrupt, an NMI, a trap.
#include "arch/debug_registers.h"
#include "arch/exception.h"
#include "machine/executor.h"

namespace ringcheck {
namespace {

using model::CpuState;
using model::Event;

bool is_trap(std::uint8_t vector)
{
    return vector == static_cast<std::uint8_t>(arch::Vector::Debug); // the engine raises it for single steps alone
}

} // namespace

std::optional<RunEnd> Executor::deliver(const CpuState& before, const Event& event, TransitionKind kind)
{
    announced_at_ = Interception::kNever; // the handler's first instruction may be watched too, at the same count
    return cpu_.deliver(before, event, kind);
}

std::optional<RunEnd> Executor::raise(const CpuState& before, const model::Fault& fault)
{
    announced_at_ = Interception::kNever;
    return cpu_.raise(before, fault);
}

std::optional<RunEnd> Executor::exception(const EngineStop& stop)
{
    const CpuState before = cpu_.state();
    if (!is_trap(stop.vector)) {
        interception_.take_back_fault(before.rip);
    }
    Event event;
    event.vector = stop.vector;
    event.return_rip = before.rip;
    if (arch::pushes_error_code(stop.vector)) {
        event.error_code = stop.error_code;
    }
    if (stop.vector == static_cast<std::uint8_t>(arch::Vector::PageFault)) {
        event.cr2 = stop.address;
    }
    return deliver(before, event, TransitionKind::Exception);
}

/// RFLAGS.TF was set when an instruction began that the model executed.  [SDM 3B "Single-Step Exception Condition"]
std::optional<RunEnd> Executor::single_step_trap(const CpuState& state)
{
    CpuState trapped = state;
    trapped.dr6 |= arch::dr6::kSingleStep;
    Event event;
    event.vector = static_cast<std::uint8_t>(arch::Vector::Debug);
    event.return_rip = state.rip;
    return deliver(trapped, event, TransitionKind::Exception);
}

/// Delivers a pending external interrupt.
std::optional<RunEnd> Executor::take_interrupt()
{
    const CpuState before = cpu_.state();
    Event event;
    event.origin = Event::Origin::External;
    event.vector = board_.acknowledge();
    event.return_rip = before.rip;
    event.between_iterations = interception_.between_iterations(before.rip);
    return deliver(before, event, TransitionKind::Interrupt);
}

std::optional<RunEnd> Executor::take_nmi()
{
    const CpuState before = cpu_.state();
    board_.local_apic().take_nmi();
    Event event;
    event.origin = Event::Origin::Nmi;
    event.vector = static_cast<std::uint8_t>(arch::Vector::Nmi);
    event.return_rip = before.rip;
    event.between_iterations = interception_.between_iterations(before.rip);
    return deliver(before, event, TransitionKind::Nmi);
}

} // namespace ringcheck
