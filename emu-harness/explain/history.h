// SPDX-License-Identifier: GPL-2.0-or-later
// What came before a fault, as far as an explanation can use it.
#pragma once

#include "machine/transition.h"

#include <cstdint>
#include <optional>

namespace ringcheck {

struct History {
    /// The last return to ring 3: a fault at the same count is one of its first instruction.
    struct Return {
        std::uint64_t count = 0, rip = 0;
        TransitionKind kind{};
    };
    std::optional<Return> last_return;
    /// RCX after the last SYSCALL: where SYSRET should go back to.
    std::optional<std::uint64_t> syscall_return;

    void note(const Transition& transition)
    {
        if (transition.kind == TransitionKind::Syscall) {
            syscall_return = transition.after[model::Gpr::Rcx];
        }
        const bool returns = transition.kind == TransitionKind::Sysret || transition.kind == TransitionKind::Iret;
        if (returns && transition.after.cpl == 3) {
            last_return = {transition.count, transition.after.rip, transition.kind};
        }
    }
};

} // namespace ringcheck
