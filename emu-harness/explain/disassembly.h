// SPDX-License-Identifier: GPL-2.0-or-later
// One instruction as text, and the addresses that it touches.  Text and operands only: what an instruction does is the
// model's and the engine's business.
#pragma once

#include "model/cpu_state.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace ringcheck {

/// A memory operand, or a place on the stack that the instruction pushes to or pops from.
struct MemoryOperand {
    std::uint64_t address = 0; ///< linear, with the segment's base
    bool stack = false;        ///< based on RSP or RBP: a non-canonical address is #SS, not #GP
    bool uses_gs = false;
};

struct Disassembly {
    std::string text;     ///< AT&T syntax; "(bad) 0f ff" when there is no such instruction
    std::string mnemonic; ///< "" when there is no such instruction
    std::size_t length = 0;
    std::vector<MemoryOperand> memory;
    bool pushes = false;                 ///< PUSH, CALL: RSP goes down first
    bool target_in_memory = false;       ///< RET, CALL, JMP: the last of `memory` holds the address to go to
    std::optional<std::uint64_t> target; ///< of CALL and JMP through a register
};

/// @param bytes  of the instruction and perhaps more
/// @param state  before it, RIP at it
Disassembly disassemble(std::span<const std::byte> bytes, const model::CpuState& state);

} // namespace ringcheck
