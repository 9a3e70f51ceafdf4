// SPDX-License-Identifier: GPL-2.0-or-later
// Which of DR0..DR3 the machine has to watch for.  Whether one really hits is the model's to say.
// [SDM 3B "Debug Control Register (DR7)"]
#pragma once

#include "arch/debug_registers.h"
#include "model/cpu_state.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace ringcheck {

struct ArmedBreakpoints {
    std::span<const std::uint64_t> execution() const { return std::span(addresses).first(executions); }

    std::array<std::uint64_t, 4> addresses{}; ///< linear, of those on execution
    std::size_t executions = 0;
    bool data = false; ///< one on loads or stores is enabled
};

constexpr ArmedBreakpoints armed_breakpoints(const model::CpuState& state)
{
    using arch::dr7::Condition;
    ArmedBreakpoints armed;
    const std::array addresses{state.dr0, state.dr1, state.dr2, state.dr3};
    for (unsigned n = 0; n != addresses.size(); ++n) {
        if (!arch::dr7::enabled(state.dr7, n)) {
            continue;
        }
        const Condition condition = arch::dr7::condition(state.dr7, n);
        if (condition == Condition::Execute) {
            armed.addresses[armed.executions++] = addresses[n];
        }
        armed.data |= condition == Condition::Write || condition == Condition::ReadOrWrite;
    }
    return armed;
}

/// Arms the same breakpoints.
constexpr bool same_breakpoints(const model::CpuState& left, const model::CpuState& right)
{
    return left.dr7 == right.dr7 && left.dr0 == right.dr0 && left.dr1 == right.dr1 && left.dr2 == right.dr2 &&
           left.dr3 == right.dr3;
}

} // namespace ringcheck
