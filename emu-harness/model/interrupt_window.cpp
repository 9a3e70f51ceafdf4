// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/interrupt_window.h"

#include "arch/control_registers.h"
#include "model/debug_trap.h"

namespace ringcheck::model {

namespace {

Hold hold_of_debug(const CpuState& state, Activity activity)
{
    if (activity == Activity::Shutdown || activity == Activity::WaitForSipi) {
        return Hold::Activity;
    }
    return state.mov_ss_shadow ? Hold::MovSsShadow : Hold::None;
}

/// Blocking by MOV SS holds back NMIs as well.  [SDM 3C "Format of Interruptibility State"]
Hold hold_of_nmi(const CpuState& state, Activity activity)
{
    if (activity == Activity::WaitForSipi) {
        return Hold::Activity;
    }
    if (state.nmi_blocked) {
        return Hold::NmiBlocked;
    }
    return state.mov_ss_shadow ? Hold::MovSsShadow : Hold::None;
}

Hold hold_of_interrupt(const CpuState& state, const ExternalInterrupt& interrupt, Activity activity)
{
    if (activity == Activity::Shutdown || activity == Activity::WaitForSipi) {
        return Hold::Activity;
    }
    if ((state.rflags & arch::rflags::kInterrupt) == 0) {
        return Hold::InterruptFlag;
    }
    if (state.mov_ss_shadow) {
        return Hold::MovSsShadow;
    }
    if (state.interrupt_shadow) {
        return Hold::StiShadow;
    }
    const unsigned needed = processor_priority_class(state.cr8, interrupt.in_service);
    if (interrupt.from_local_apic && unsigned{interrupt.vector} >> 4 <= needed) {
        return Hold::TaskPriority;
    }
    return Hold::None;
}

/// The event of highest priority among those that stop the instruction stream from outside; Nothing if none waits.
Taken outside_event(const CpuState& state, const PendingEvents& pending, Activity activity)
{
    if (activity == Activity::WaitForSipi) {
        return pending.startup ? Taken::Startup : Taken::Nothing;
    }
    if (pending.machine_check && activity != Activity::Shutdown) {
        const bool enabled = (state.cr4 & arch::cr4::kMachineCheckEnable) != 0;
        return enabled ? Taken::MachineCheck : Taken::Shutdown;
    }
    return pending.init ? Taken::Init : Taken::Nothing;
}

} // namespace

InterruptWindow interrupt_window(const CpuState& state, const PendingEvents& pending, Activity activity)
{
    InterruptWindow window;
    window.taken = outside_event(state, pending, activity);
    const auto offer = [&window](bool waits, Hold hold, Taken as) {
        if (!waits || hold != Hold::None) {
            return waits ? hold : Hold::None;
        }
        if (window.taken != Taken::Nothing) {
            return Hold::HigherEvent;
        }
        window.taken = as;
        return Hold::None;
    };
    const ExternalInterrupt interrupt = pending.interrupt.value_or(ExternalInterrupt{});
    window.debug = offer(state.pending_debug != 0, hold_of_debug(state, activity), Taken::Debug);
    window.nmi = offer(pending.nmi, hold_of_nmi(state, activity), Taken::Nmi);
    window.interrupt =
        offer(pending.interrupt.has_value(), hold_of_interrupt(state, interrupt, activity), Taken::Interrupt);
    return window;
}

Accepted accept(const CpuState& state, const PendingEvents& pending, Taken taken)
{
    if (taken == Taken::Debug) {
        const DebugTrap trap = take_debug_trap(state);
        return {trap.state, trap.event};
    }
    Event event;
    event.return_rip = state.rip;
    event.instruction_rip = state.rip;
    if (taken == Taken::MachineCheck) {
        event.vector = static_cast<std::uint8_t>(arch::Vector::MachineCheck);
    } else if (taken == Taken::Nmi) {
        event.origin = Event::Origin::Nmi;
        event.vector = static_cast<std::uint8_t>(arch::Vector::Nmi);
    } else {
        event.origin = Event::Origin::External;
        event.vector = pending.interrupt.value_or(ExternalInterrupt{}).vector;
    }
    return {state, event};
}

} // namespace ringcheck::model
