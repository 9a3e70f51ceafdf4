// SPDX-License-Identifier: GPL-2.0-or-later
// #AC: data in ring 3 at an address that is not a multiple of its alignment.
// [SDM 3A "Interrupt 17—Alignment Check Exception (#AC)"]
#pragma once

#include "model/cpu_state.h"
#include "model/fault.h"
#include "model/operand_size.h"
#include "model/page_walk.h"

#include <cstdint>
#include <expected>

namespace ringcheck::model {

/// Operands by the manual's table of alignment requirements.
enum class DataType : std::uint8_t {
    Byte,
    Word,
    Doubleword,
    Quadword,
    SinglePrecision,
    DoublePrecision,
    DoubleExtendedPrecision,
    DoubleQuadword,
    SegmentSelector,
    FarPointer,         ///< by operand size; the table has no m16:64, which is taken as its offset is
    TableRegisterImage, ///< SGDT, SIDT, LGDT, LIDT, SLDT, STR
    FpuEnvironment,     ///< FSTENV, FLDENV, FSAVE, FRSTOR, by operand size
    BitString           ///< by operand size
};

/// In bytes: a power of two, 1 for what may lie anywhere.
unsigned required_alignment(DataType type, OperandSize size = OperandSize::Bits32);

/// Checked before the page walk: the manual does not order #AC against the #PF of the same access.
/// @param access  the CPU's own accesses to system tables and accesses below ring 3 are never checked, nor are fetches
/// @return  or #AC(0) AlignmentCheckFailed
std::expected<void, Fault> check_alignment(const CpuState& state, std::uint64_t address, unsigned alignment_bytes,
                                           Access access);

/// An SSE operand of 16 bytes in memory, but for the moves that say otherwise, whatever CR0.AM says.
/// [SDM 2A "Exceptions Type 1", "Exceptions Type 2", "Exceptions Type 4", of the legacy SSE forms]
/// @return  or #GP(0) OperandMisaligned
std::expected<void, Fault> check_aligned_operand(std::uint64_t address);

} // namespace ringcheck::model
