// SPDX-License-Identifier: GPL-2.0-or-later
// When a #DB trap is due: single steps, and data and I/O breakpoints, which MOV SS holds back by an instruction.
// [SDM 3B "Single-Step Exception Condition", "Data Memory and I/O Breakpoint Exception Conditions"; SDM 3A "Masking
// Exceptions and Interrupts When Switching Stacks"]
#pragma once

#include "model/cpu_state.h"
#include "model/event_delivery.h"

#include <cstdint>

namespace ringcheck::model {

/// Which TF decides whether an instruction that completed is a single step.
enum class StepRule : std::uint8_t {
    FlagBefore, ///< TF as the instruction began: all but the following; so POPF and IRET that set TF do not trap yet
    FlagAfter,  ///< SYSCALL and SYSRET.  The manuals are silent; IA32_FMASK could not keep steps out otherwise.
};

/// DR6 bits of what waits behind the instruction that led from `before` to `after`: its own traps, and those that MOV
/// SS had held back.
/// Not for INT n, INT3, INTO and INT1: their delivery clears TF before a step is taken, and keeps what is pending.
/// Not for an instruction that faulted.  MOV SS (after.mov_ss_shadow) drops its own single step.
/// @param breakpoints  DR6.B0..B3 of the instruction's accesses
std::uint64_t pending_traps(const CpuState& before, const CpuState& after, StepRule rule,
                            std::uint64_t breakpoints = 0);

/// A #DB trap is to be delivered before the next instruction.
constexpr bool debug_trap_due(const CpuState& state)
{
    return state.pending_debug != 0 && !state.mov_ss_shadow;
}

/// The trap on its way: `state`, with nothing pending, is what deliver() takes with `event`.
struct DebugTrap {
    CpuState state;
    Event event;
};

/// DR6 tells of each breakpoint whose condition is met when the exception is raised: of one on the next instruction
/// too. [SDM 3B "Debug Status Register (DR6)"]
DebugTrap take_debug_trap(CpuState state);

} // namespace ringcheck::model
