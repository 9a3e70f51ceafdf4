// SPDX-License-Identifier: GPL-2.0-or-later
// What Capstone does not say, or says wrongly, of an instruction's memory operands: how long they are, whether they are
// read or written, how they must be aligned, and how many words it pushes or pops.
// [SDM 2, the instructions' own pages; SDM 3A "Interrupt 17—Alignment Check Exception (#AC)"]
#pragma once

#include "model/alignment_check.h"
#include "model/operand_size.h"

#include <capstone/capstone.h>

#include <cstdint>

namespace ringcheck {

enum class Direction : std::uint8_t { Read, Write, ReadWrite };

/// MOVS, CMPS, STOS, LODS, SCAS, INS, OUTS.
bool is_string(const cs_insn& instruction);
/// BT, BTS, BTR, BTC.
bool is_bit_test(unsigned id);
bool is_interrupt_return(unsigned id);
bool is_far_call(const cs_insn& instruction);

/// False for LEA, NOP, prefetches and INVLPG, whose operand is an address alone.
bool touches_memory(unsigned id);
/// @param destination  the memory operand is the instruction's first
Direction direction_of(const cs_insn& instruction, bool destination);
/// In bytes.
std::uint32_t size_of(const cs_insn& instruction, const cs_x86_op& operand, bool long_code, model::OperandSize size);
model::DataType type_of(const cs_insn& instruction, std::uint32_t bytes);
model::DataType integer_type(std::uint32_t bytes);
/// A misaligned operand is #GP(0): SSE operands of 16 bytes but for the unaligned moves, FXSAVE, CMPXCHG16B.
bool aligned_by_rule(const cs_insn& instruction, std::uint32_t bytes);

unsigned pushed_words(const cs_insn& instruction);
unsigned popped_words(const cs_insn& instruction, bool long_code);

} // namespace ringcheck
