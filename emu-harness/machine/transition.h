// SPDX-License-Identifier: GPL-2.0-or-later
// The record of one transition: what happened, and the CPU on both sides of it.
#pragma once

#include "model/cpu_state.h"

#include <cstdint>
#include <optional>

namespace ringcheck {

enum class TransitionKind : std::uint8_t {
    Syscall,           ///< SYSCALL
    Sysret,            ///< SYSRETQ or SYSRETL
    Iret,              ///< IRETQ
    Exception,         ///< a fault, trap or abort that the CPU raised
    Interrupt,         ///< an external interrupt
    Nmi,               ///< a non-maskable interrupt
    SoftwareInterrupt, ///< INT n, INT3, INTO, ICEBP
    AddressSpace,      ///< CR3 written with another table than before
    GsSwap,            ///< SWAPGS
    FarTransfer,       ///< far CALL or RET to another ring
};

/// The manual's word: "SYSCALL", "SYSRETQ", "IRETQ", "exception", "interrupt", "NMI", "INT n", "MOV CR3", "SWAPGS",
/// "far transfer".
const char* to_string(TransitionKind kind);

struct Transition {
    std::uint64_t count = 0; ///< instructions retired before this transition
    TransitionKind kind{};
    std::optional<std::uint8_t> vector;      ///< of an event
    std::optional<std::uint32_t> error_code; ///< that the CPU pushed
    model::CpuState before;                  ///< RIP: the instruction that caused it, or the one that was interrupted
    model::CpuState after;                   ///< RIP: the next instruction to execute

    bool changes_ring() const { return before.cpl != after.cpl; }
};

/// Where the code that was left by SYSCALL, by INT n or for an event is to go on.
inline std::uint64_t return_address(const Transition& transition)
{
    constexpr std::uint64_t kIntBytes = 2;
    switch (transition.kind) {
    case TransitionKind::Syscall: return transition.after[model::Gpr::Rcx]; // [SDM 2B SYSCALL]
    case TransitionKind::SoftwareInterrupt: return transition.before.rip + kIntBytes;
    default: return transition.before.rip;
    }
}

} // namespace ringcheck
