// SPDX-License-Identifier: GPL-2.0-or-later
// What the CPU takes at an instruction boundary, of all that waits there, and what keeps the rest waiting.
// [SDM 3A "Priority Among Concurrent Events", "Enabling and Disabling Interrupts", "Handling Multiple NMIs"]
// Instruction breakpoints come after all of these: see instruction_breakpoint().
#pragma once

#include "model/cpu_state.h"
#include "model/event_delivery.h"

#include <cstdint>
#include <optional>

namespace ringcheck::model {

/// [SDM 3C "Guest Non-Register State" names them; SDM 3A "Interrupt 8—Double Fault Exception (#DF)" for shutdown]
enum class Activity : std::uint8_t {
    Running,
    Halted,     ///< HLT
    Shutdown,   ///< a triple fault: NMI and INIT end it, NMI only when none is being handled
    WaitForSipi ///< INIT: only a start-up IPI ends it
};

struct ExternalInterrupt {
    std::uint8_t vector = 0;
    bool from_local_apic = false; ///< TPR and ISR hold it back; an 8259's interrupt passes them
    std::uint8_t in_service = 0;  ///< highest vector in the local APIC's ISR, 0 if none

    constexpr bool operator==(const ExternalInterrupt&) const = default;
};

/// What waits, besides CpuState::pending_debug.
struct PendingEvents {
    bool machine_check = false, init = false, startup = false, nmi = false;
    std::optional<ExternalInterrupt> interrupt;
};

enum class Taken : std::uint8_t {
    Nothing,
    MachineCheck, ///< #MC
    Shutdown,     ///< a machine check with CR4.MCE = 0
    Init,
    Startup,
    Debug, ///< a #DB trap
    Nmi,
    Interrupt
};

/// Why an event that waits is not taken.
enum class Hold : std::uint8_t {
    None, ///< it is taken, or nothing of its kind waits
    InterruptFlag,
    StiShadow,
    MovSsShadow,
    NmiBlocked,
    TaskPriority, ///< its priority class is not above that of CR8 and of the interrupt in service
    Activity,     ///< the CPU is shut down, or waits for a start-up IPI
    HigherEvent   ///< an event of higher priority is taken first
};

struct InterruptWindow {
    Taken taken = Taken::Nothing;
    Hold debug = Hold::None, nmi = Hold::None, interrupt = Hold::None;

    constexpr bool operator==(const InterruptWindow&) const = default;
};

/// A start-up IPI is taken in WaitForSipi only, and lost elsewhere.  STI holds back maskable interrupts alone: the
/// manual allows a CPU to hold back NMIs too.  What #MC does in shutdown the manual does not say: here it waits.
InterruptWindow interrupt_window(const CpuState& state, const PendingEvents& pending, Activity activity);

/// The class that an interrupt must exceed: PPR[7:4].  [SDM 3A "Task and Processor Priorities"]
constexpr unsigned processor_priority_class(std::uint64_t cr8, std::uint8_t in_service)
{
    const auto task = static_cast<unsigned>(cr8 & 15);
    const unsigned service = in_service >> 4;
    return task > service ? task : service;
}

/// An event that was taken, for deliver(): its state differs from the one that came in by the debug trap alone.
struct Accepted {
    CpuState state;
    Event event;
};

/// @param taken  MachineCheck, Debug, Nmi or Interrupt
Accepted accept(const CpuState& state, const PendingEvents& pending, Taken taken);

} // namespace ringcheck::model
