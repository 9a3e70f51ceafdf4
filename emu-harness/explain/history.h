// SPDX-License-Identifier: GPL-2.0-or-later
// What came before a fault, as far as an explanation can use it.
#pragma once

#include "machine/transition.h"

#include <cstdint>
#include <optional>

namespace ringcheck {

struct History {
    /// A SYSCALL: what it left for the SYSRET that ends it.
    struct Call {
        std::uint64_t count = 0, rip = 0, cr3 = 0; ///< RIP of the instruction
        std::uint64_t entry = 0;                   ///< LSTAR
        std::uint64_t rcx = 0, r11 = 0;            ///< after it: RIP and RFLAGS of ring 3
        std::uint16_t cs = 0, ss = 0;              ///< after it
        std::uint64_t star = 0;
    };
    /// A return to ring 3.
    struct Return {
        std::uint64_t count = 0, from = 0; ///< RIP of the instruction
        TransitionKind kind{};
        std::uint64_t rip = 0, rsp = 0, cr3 = 0;
        std::uint16_t cs = 0, ss = 0;
        std::uint64_t star = 0;
        bool to_64_bit = true; ///< false: to compatibility mode
    };
    /// A load of CR3 with other page tables.
    struct TableLoad {
        std::uint64_t from = 0, next = 0; ///< RIP of the instruction, and of the one behind it
    };
    std::optional<TableLoad> last_table_load;
    std::optional<unsigned> last_event_cpl; ///< that the last interrupt or exception was taken from
    std::optional<Call> last_call;
    std::optional<Return> last_return;  ///< a fault at its RIP is one of the first instruction
    std::optional<Return> last_sysret;  ///< which reads no descriptor: wrong selectors show later
    std::optional<TransitionKind> last; ///< of any kind but MOV CR3 and SWAPGS

    void note(const Transition& transition)
    {
        const model::CpuState& before = transition.before;
        const model::CpuState& after = transition.after;
        if (transition.kind == TransitionKind::AddressSpace) {
            last_table_load = {before.rip, after.rip};
        }
        if (transition.vector) {
            last_event_cpl = before.cpl;
        }
        if (transition.kind == TransitionKind::AddressSpace || transition.kind == TransitionKind::GsSwap) {
            return;
        }
        last = transition.kind;
        if (transition.kind == TransitionKind::Syscall) {
            last_call = {
                transition.count,       before.rip,        before.cr3,        after.rip,  after[model::Gpr::Rcx],
                after[model::Gpr::R11], after.cs.selector, after.ss.selector, before.star};
        }
        const bool returns = transition.kind == TransitionKind::Sysret || transition.kind == TransitionKind::Iret;
        if (returns && after.cpl == 3) {
            last_return = {transition.count, before.rip,        transition.kind,   after.rip,   after[model::Gpr::Rsp],
                           after.cr3,        after.cs.selector, after.ss.selector, before.star, after.in_64_bit_mode()};
            if (transition.kind == TransitionKind::Sysret) {
                last_sysret = last_return;
            }
        }
    }
};

} // namespace ringcheck
