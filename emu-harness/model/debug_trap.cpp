// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/debug_trap.h"

#include "arch/debug_registers.h"
#include "model/breakpoint.h"

#include <utility>

namespace ringcheck::model {

std::uint64_t pending_traps(const CpuState& before, const CpuState& after, StepRule rule, std::uint64_t breakpoints)
{
    const std::uint64_t flags = rule == StepRule::FlagBefore ? before.rflags : after.rflags;
    const bool step = (flags & arch::rflags::kTrap) != 0 && !after.mov_ss_shadow;
    return before.pending_debug | breakpoints | (step ? arch::dr6::kSingleStep : 0);
}

DebugTrap take_debug_trap(CpuState state)
{
    Event event;
    event.vector = static_cast<std::uint8_t>(arch::Vector::Debug);
    event.return_rip = state.rip;
    event.instruction_rip = state.rip;
    event.dr6 = std::exchange(state.pending_debug, 0);
    if (const auto next = instruction_breakpoint(state)) {
        *event.dr6 |= *next->dr6;
    }
    return {state, event};
}

} // namespace ringcheck::model
