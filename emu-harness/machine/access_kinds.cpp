// SPDX-License-Identifier: GPL-2.0-or-later
#include "machine/access_kinds.h"

#include <algorithm>
#include <initializer_list>

namespace ringcheck {
namespace {

using model::DataType;
using model::OperandSize;

bool in(unsigned id, std::initializer_list<unsigned> list)
{
    return std::ranges::find(list, id) != list.end();
}

bool is_vector(const cs_x86_op& operand)
{
    const bool xmm = operand.reg >= X86_REG_XMM0 && operand.reg <= X86_REG_XMM31;
    const bool mm = operand.reg >= X86_REG_MM0 && operand.reg <= X86_REG_MM7;
    return operand.type == X86_OP_REG && (xmm || mm);
}

bool has_vector(const cs_insn& instruction)
{
    const cs_x86& x86 = instruction.detail->x86;
    return std::any_of(x86.operands, x86.operands + x86.op_count, is_vector);
}

bool is_environment(unsigned id)
{
    return in(id, {X86_INS_FNSTENV, X86_INS_FLDENV, X86_INS_FNSAVE, X86_INS_FRSTOR});
}

bool is_extended_state(unsigned id)
{
    return in(id, {X86_INS_FXSAVE, X86_INS_FXSAVE64, X86_INS_FXRSTOR, X86_INS_FXRSTOR64});
}

bool is_far_pointer(const cs_insn& instruction)
{
    const bool load = in(instruction.id, {X86_INS_LSS, X86_INS_LFS, X86_INS_LGS, X86_INS_LDS, X86_INS_LES});
    constexpr std::uint8_t kGroup5 = 0xff, kFarCall = 3, kFarJump = 5;
    const cs_x86& x86 = instruction.detail->x86;
    const unsigned reg = x86.modrm >> 3 & 7;
    return load || (x86.opcode[0] == kGroup5 && (reg == kFarCall || reg == kFarJump));
}

bool is_table_image(unsigned id)
{
    return in(id, {X86_INS_SGDT, X86_INS_SIDT, X86_INS_LGDT, X86_INS_LIDT});
}

bool is_unaligned_move(unsigned id)
{
    return in(id, {X86_INS_MOVUPS, X86_INS_MOVUPD, X86_INS_MOVDQU, X86_INS_LDDQU, X86_INS_PCMPESTRI, X86_INS_PCMPESTRM,
                   X86_INS_PCMPISTRI, X86_INS_PCMPISTRM});
}

} // namespace

bool is_string(const cs_insn& instruction)
{
    const std::uint8_t opcode = instruction.detail->x86.opcode[0]; // Capstone calls some SSE moves by the same names
    return (opcode >= 0x6c && opcode <= 0x6f) || (opcode >= 0xa4 && opcode <= 0xa7) ||
           (opcode >= 0xaa && opcode <= 0xaf);
}

bool is_bit_test(unsigned id)
{
    return in(id, {X86_INS_BT, X86_INS_BTS, X86_INS_BTR, X86_INS_BTC});
}

bool is_interrupt_return(unsigned id)
{
    return in(id, {X86_INS_IRET, X86_INS_IRETD, X86_INS_IRETQ});
}

bool is_far_call(const cs_insn& instruction)
{
    const cs_x86& x86 = instruction.detail->x86;
    const bool by_memory = x86.opcode[0] == 0xff && (x86.modrm >> 3 & 7) == 3;
    const bool direct = x86.opcode[0] == 0x9a;
    return by_memory || direct;
}

bool touches_memory(unsigned id)
{
    return !in(id, {X86_INS_LEA, X86_INS_NOP, X86_INS_INVLPG, X86_INS_PREFETCH, X86_INS_PREFETCHNTA, X86_INS_PREFETCHT0,
                    X86_INS_PREFETCHT1, X86_INS_PREFETCHT2, X86_INS_PREFETCHW, X86_INS_PREFETCHWT1});
}

Direction direction_of(const cs_insn& instruction, bool destination)
{
    if (in(instruction.id, {X86_INS_CMPXCHG, X86_INS_CMPXCHG8B, X86_INS_CMPXCHG16B})) {
        return Direction::ReadWrite; // also when the comparison fails  [SDM 2A CMPXCHG]
    }
    if (instruction.id == X86_INS_FRSTOR) {
        return Direction::Read;
    }
    const bool stores = in(instruction.id, {X86_INS_FST, X86_INS_FSTP, X86_INS_FIST, X86_INS_FISTP, X86_INS_FISTTP,
                                            X86_INS_FBSTP, X86_INS_FNSTCW, X86_INS_FNSTSW, X86_INS_STMXCSR,
                                            X86_INS_MOVNTI, X86_INS_INSB, X86_INS_INSW, X86_INS_INSD});
    if (stores || (destination && instruction.detail->x86.op_count > 1 && has_vector(instruction))) {
        return Direction::Write;
    }
    const cs_x86& x86 = instruction.detail->x86;
    const auto memory = std::find_if(x86.operands, x86.operands + x86.op_count, [&](const cs_x86_op& operand) {
        return operand.type == X86_OP_MEM && (&operand == x86.operands) == destination;
    });
    switch (memory->access) {
    case CS_AC_WRITE: return Direction::Write;
    case CS_AC_READ | CS_AC_WRITE: return Direction::ReadWrite;
    default: return Direction::Read;
    }
}

std::uint32_t size_of(const cs_insn& instruction, const cs_x86_op& operand, bool long_code, OperandSize size)
{
    const bool narrow = size == OperandSize::Bits16;
    if (is_extended_state(instruction.id)) {
        return 512;
    }
    if (in(instruction.id, {X86_INS_FNSAVE, X86_INS_FRSTOR})) {
        return narrow ? 94 : 108;
    }
    if (in(instruction.id, {X86_INS_FNSTENV, X86_INS_FLDENV})) {
        return narrow ? 14 : 28;
    }
    if (is_far_pointer(instruction)) {
        return static_cast<std::uint32_t>(size) + 2;
    }
    if (is_table_image(instruction.id)) {
        return long_code ? 10 : 6;
    }
    if (instruction.id == X86_INS_COMISD) {
        return 8; // Capstone says 16
    }
    return operand.size;
}

DataType integer_type(std::uint32_t bytes)
{
    switch (bytes) {
    case 2: return DataType::Word;
    case 4: return DataType::Doubleword;
    case 8: return DataType::Quadword;
    case 10: return DataType::DoubleExtendedPrecision;
    case 16: return DataType::DoubleQuadword;
    default: return DataType::Byte;
    }
}

DataType type_of(const cs_insn& instruction, std::uint32_t bytes)
{
    if (is_environment(instruction.id)) {
        return DataType::FpuEnvironment;
    }
    if (is_far_pointer(instruction)) {
        return DataType::FarPointer;
    }
    if (is_table_image(instruction.id) || in(instruction.id, {X86_INS_SLDT, X86_INS_STR})) {
        return DataType::TableRegisterImage;
    }
    if (is_bit_test(instruction.id) && instruction.detail->x86.operands[1].type == X86_OP_REG) {
        return DataType::BitString;
    }
    // A CPU may check the unaligned moves, and need not.  [SDM 2B MOVUPS "Exceptions"]
    return is_unaligned_move(instruction.id) ? DataType::Byte : integer_type(bytes);
}

bool aligned_by_rule(const cs_insn& instruction, std::uint32_t bytes)
{
    if (is_extended_state(instruction.id) || instruction.id == X86_INS_CMPXCHG16B) {
        return true;
    }
    return bytes == 16 && has_vector(instruction) && !is_unaligned_move(instruction.id);
}

unsigned pushed_words(const cs_insn& instruction)
{
    switch (instruction.id) {
    case X86_INS_PUSH:
    case X86_INS_PUSHF:
    case X86_INS_PUSHFD:
    case X86_INS_PUSHFQ: return 1;
    case X86_INS_CALL: return is_far_call(instruction) ? 2 : 1;
    case X86_INS_LCALL: return 2;
    case X86_INS_PUSHAW:
    case X86_INS_PUSHAL: return 8;
    default: return 0;
    }
}

unsigned popped_words(const cs_insn& instruction, bool long_code)
{
    switch (instruction.id) {
    case X86_INS_POP:
    case X86_INS_POPF:
    case X86_INS_POPFD:
    case X86_INS_POPFQ:
    case X86_INS_RET: return 1;
    case X86_INS_RETF:
    case X86_INS_RETFQ: return 2;
    case X86_INS_IRET:
    case X86_INS_IRETD:
    case X86_INS_IRETQ: return long_code ? 5 : 3;
    case X86_INS_POPAW:
    case X86_INS_POPAL: return 8;
    default: return 0;
    }
}

} // namespace ringcheck
