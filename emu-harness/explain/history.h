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
        std::uint64_t gs_base = 0, kernel_gs_base = 0;
    };
    /// An interrupt or an exception that was delivered.
    struct Delivered {
        std::uint8_t vector = 0;
        unsigned cpl = 0;          ///< that it was taken from
        std::uint64_t from = 0;    ///< RIP of the instruction
        std::uint64_t handler = 0; ///< where the gate led
        std::uint64_t rsp = 0;     ///< before it
        std::uint64_t frame = 0;   ///< the lowest word that was pushed
    };
    /// A load of CR3 with other page tables.
    struct TableLoad {
        std::uint64_t from = 0, next = 0; ///< RIP of the instruction, and of the one behind it
    };
    std::optional<TableLoad> last_table_load;
    std::optional<Delivered> last_event;
    std::optional<Call> last_call;
    std::optional<Return> last_return;  ///< a fault at its RIP is one of the first instruction
    std::optional<Return> last_sysret;  ///< which reads no descriptor: wrong selectors show later
    std::optional<TransitionKind> last; ///< of any kind but MOV CR3 and SWAPGS
    /// The first of the returns to ring 3 in a row that left both GS bases as the last one did.
    std::optional<Return> gs_since;
    /// SWAPGS executed since ring 0 was entered; nullopt: another entry came and went between.
    std::optional<unsigned> swaps;

    void note(const Transition& transition)
    {
        const model::CpuState& before = transition.before;
        const model::CpuState& after = transition.after;
        if (transition.kind == TransitionKind::AddressSpace) {
            last_table_load = {before.rip, after.rip};
        }
        if (transition.vector) {
            last_event = {*transition.vector,    before.cpl, before.rip, after.rip, before[model::Gpr::Rsp],
                          after[model::Gpr::Rsp]};
        }
        if (transition.kind == TransitionKind::GsSwap && swaps) {
            ++*swaps;
        }
        if (transition.kind == TransitionKind::AddressSpace || transition.kind == TransitionKind::GsSwap) {
            return;
        }
        const bool enters = transition.vector || transition.kind == TransitionKind::Syscall;
        swaps = enters ? std::optional(0u) : std::nullopt;
        last = transition.kind;
        if (transition.kind == TransitionKind::Syscall) {
            last_call = {
                transition.count,       before.rip,        before.cr3,        after.rip,  after[model::Gpr::Rcx],
                after[model::Gpr::R11], after.cs.selector, after.ss.selector, before.star};
        }
        const bool returns = transition.kind == TransitionKind::Sysret || transition.kind == TransitionKind::Iret;
        if (returns && after.cpl == 3) {
            last_return = {
                transition.count, before.rip,          transition.kind,   after.rip,   after[model::Gpr::Rsp],
                after.cr3,        after.cs.selector,   after.ss.selector, before.star, after.in_64_bit_mode(),
                after.gs.base,    after.kernel_gs_base};
            if (!gs_since || gs_since->gs_base != after.gs.base || gs_since->kernel_gs_base != after.kernel_gs_base) {
                gs_since = last_return;
            }
            if (transition.kind == TransitionKind::Sysret) {
                last_sysret = last_return;
            }
        }
    }
};

} // namespace ringcheck
