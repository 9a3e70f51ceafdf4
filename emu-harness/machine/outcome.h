// SPDX-License-Identifier: GPL-2.0-or-later
// What became of one instruction that the engine did not execute, and the helpers that all of those share.
#pragma once

#include "arch/exception.h"
#include "arch/rflags.h"
#include "engine/instruction_class.h"
#include "machine/transition.h"
#include "model/cpu_state.h"
#include "model/event_delivery.h"
#include "model/fault.h"
#include "model/operand_size.h"

#include <cstdint>
#include <expected>
#include <optional>
#include <utility>
#include <variant>

namespace ringcheck {

/// The instruction is done.
struct Executed {
    model::CpuState state;
    std::optional<TransitionKind> transition = std::nullopt;
    bool flush_tlb = false;        ///< it wrote CR0, CR3 or CR4
    bool halted = false;           ///< it was HLT
    std::uint64_t breakpoints = 0; ///< DR6.B0..B3 of the ports that it used
};
/// It calls for an event of its own making (INT n and its kin), whose delivery completes it.
struct Raised {
    model::Event event;
};
/// It faulted: deliver from `state`, which differs from the one that came in only where the manual says so.
struct Faulted {
    model::Fault fault;
    model::CpuState state;
};
/// The engine is to execute it, alone; the machine looks at the result.
struct LeftToEngine {};

using Outcome = std::variant<Executed, Raised, Faulted, LeftToEngine>;

inline constexpr std::uint64_t kLowHalf = 0xffff'ffff;

/// `before` behind `instruction`, with what every instruction ends: the interrupt shadows, and RF.
inline model::CpuState past(const Instruction& instruction, const model::CpuState& before)
{
    model::CpuState state = before;
    state.rip += instruction.length;
    if (!state.in_64_bit_mode()) {
        state.rip &= kLowHalf;
    }
    state.interrupt_shadow = false;
    state.mov_ss_shadow = false;
    state.rflags &= ~arch::rflags::kResume;
    return state;
}

/// What a function of the model made of `before`.
inline Outcome outcome_of(const std::expected<model::CpuState, model::Fault>& result, const model::CpuState& before,
                          std::optional<TransitionKind> kind = std::nullopt)
{
    if (!result) {
        return Faulted{result.error(), before};
    }
    return Outcome(std::in_place_type<Executed>, *result, kind); // in place: a state is large
}

/// The instruction does not exist on this CPU.
inline Faulted undefined(const model::CpuState& before)
{
    return {model::raise(arch::Vector::InvalidOpcode, model::Reason::InstructionRule), before};
}

inline model::OperandSize operand_size(const Instruction& instruction)
{
    using model::OperandSize;
    return instruction.rex_w()        ? OperandSize::Bits64
           : instruction.operand_size ? OperandSize::Bits16
                                      : OperandSize::Bits32;
}

/// A 32-bit result clears the register's upper half.
inline void put_low(model::CpuState& state, model::Gpr reg, std::uint64_t value)
{
    state[reg] = value & kLowHalf;
}

/// `word` after `bytes` bytes of `value` were written to it as to a general register.
inline std::uint64_t replace_low_bytes(std::uint64_t word, std::uint64_t value, unsigned bytes)
{
    const std::uint64_t mask = bytes == 8 ? ~std::uint64_t{0} : (std::uint64_t{1} << (8 * bytes)) - 1;
    return bytes == 4 ? value & mask : (word & ~mask) | (value & mask);
}

/// To EDX:EAX, as RDMSR and its kin do.
inline void put_pair(model::CpuState& state, std::uint64_t value)
{
    put_low(state, model::Gpr::Rax, value);
    put_low(state, model::Gpr::Rdx, value >> 32);
}

/// From EDX:EAX.
inline std::uint64_t pair(const model::CpuState& state)
{
    return (state[model::Gpr::Rdx] & kLowHalf) << 32 | (state[model::Gpr::Rax] & kLowHalf);
}

} // namespace ringcheck
