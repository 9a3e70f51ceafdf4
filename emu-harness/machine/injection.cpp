// SPDX-License-Identifier: GPL-2.0-or-later
#include "machine/injection.h"

namespace ringcheck {

using model::Taken;

void InjectionQueue::arrive(Injection injection)
{
    switch (injection.kind) {
    case Injection::Kind::Interrupt: interrupts_.push_back(injection.vector); break;
    case Injection::Kind::Nmi: waiting_.nmi = true; break;
    case Injection::Kind::MachineCheck: waiting_.machine_check = true; break;
    case Injection::Kind::Init: waiting_.init = true; break;
    case Injection::Kind::Startup: waiting_.startup = true; break;
    }
}

void InjectionQueue::add_to(model::PendingEvents& events) const
{
    events.nmi |= waiting_.nmi;
    events.machine_check |= waiting_.machine_check;
    events.init |= waiting_.init;
    events.startup |= waiting_.startup;
    if (!interrupts_.empty()) {
        events.interrupt = model::ExternalInterrupt{.vector = interrupts_.front()};
    }
}

void InjectionQueue::take(Taken taken)
{
    switch (taken) {
    case Taken::MachineCheck:
    case Taken::Shutdown: waiting_.machine_check = false; break;
    case Taken::Init: waiting_.init = false; break;
    case Taken::Startup: waiting_.startup = false; break;
    case Taken::Nmi: waiting_.nmi = false; break;
    case Taken::Nothing:
    case Taken::Debug:
    case Taken::Interrupt: break;
    }
}

std::uint8_t InjectionQueue::acknowledge()
{
    const std::uint8_t vector = interrupts_.front();
    interrupts_.pop_front();
    return vector;
}

} // namespace ringcheck
