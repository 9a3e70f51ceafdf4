// SPDX-License-Identifier: GPL-2.0-or-later
#include "machine/data_access.h"

#include "machine/access_kinds.h"
#include "machine/decoder.h"

#include <algorithm>
#include <array>
#include <utility>

namespace ringcheck {
namespace {

using model::CpuState;
using model::Gpr;
using model::OperandSize;

constexpr std::uint32_t kDefaultBig = 1 << 22;
constexpr std::uint64_t kLowHalf = 0xffff'ffff;

/// The general registers by Capstone's numbers, in encoding order.
constexpr x86_reg kWide[] = {X86_REG_RAX, X86_REG_RCX, X86_REG_RDX, X86_REG_RBX, X86_REG_RSP, X86_REG_RBP,
                             X86_REG_RSI, X86_REG_RDI, X86_REG_R8,  X86_REG_R9,  X86_REG_R10, X86_REG_R11,
                             X86_REG_R12, X86_REG_R13, X86_REG_R14, X86_REG_R15};
constexpr x86_reg kHalf[] = {X86_REG_EAX,  X86_REG_ECX,  X86_REG_EDX,  X86_REG_EBX, X86_REG_ESP,  X86_REG_EBP,
                             X86_REG_ESI,  X86_REG_EDI,  X86_REG_R8D,  X86_REG_R9D, X86_REG_R10D, X86_REG_R11D,
                             X86_REG_R12D, X86_REG_R13D, X86_REG_R14D, X86_REG_R15D};
constexpr x86_reg kWord[] = {X86_REG_AX,   X86_REG_CX,   X86_REG_DX,   X86_REG_BX,  X86_REG_SP,   X86_REG_BP,
                             X86_REG_SI,   X86_REG_DI,   X86_REG_R8W,  X86_REG_R9W, X86_REG_R10W, X86_REG_R11W,
                             X86_REG_R12W, X86_REG_R13W, X86_REG_R14W, X86_REG_R15W};

/// The value of a general register, sign-extended from its width; 0 for any other.
std::int64_t value_of(const CpuState& state, x86_reg reg)
{
    const auto index_in = [reg](const auto& list) { return std::ranges::find(list, reg) - std::begin(list); };
    if (const auto index = index_in(kWide); index != std::ssize(kWide)) {
        return static_cast<std::int64_t>(state.gpr[static_cast<std::size_t>(index)]);
    }
    if (const auto index = index_in(kHalf); index != std::ssize(kHalf)) {
        return static_cast<std::int32_t>(state.gpr[static_cast<std::size_t>(index)]);
    }
    if (const auto index = index_in(kWord); index != std::ssize(kWord)) {
        return static_cast<std::int16_t>(state.gpr[static_cast<std::size_t>(index)]);
    }
    return 0;
}

std::uint64_t mask_of(unsigned bytes)
{
    return bytes >= sizeof(std::uint64_t) ? ~std::uint64_t{0} : (std::uint64_t{1} << 8 * bytes) - 1;
}

class Collector {
public:
    Collector(const CpuState& state, const cs_insn& instruction)
        : state_(state), instruction_(instruction), x86_(instruction.detail->x86)
    {
    }

    std::vector<DataAccess> collect()
    {
        const bool repeated = x86_.prefix[0] == X86_PREFIX_REP || x86_.prefix[0] == X86_PREFIX_REPNE;
        if (repeated && is_string(instruction_) && (state_[Gpr::Rcx] & mask_of(x86_.addr_size)) == 0) {
            return {};
        }
        add_pops();
        add_operands();
        add_implicit();
        add_pushes();
        return std::move(accesses_);
    }

    std::optional<std::uint64_t> operand() const
    {
        for (const cs_x86_op& operand : std::span(x86_.operands, x86_.op_count)) {
            if (operand.type == X86_OP_MEM) {
                return address_of(operand.mem);
            }
        }
        return std::nullopt;
    }

private:
    std::uint64_t segment_base(const model::SegmentRegister& segment) const
    {
        return state_.in_64_bit_mode() ? 0 : segment.base;
    }
    std::uint64_t linear(std::uint64_t base, std::uint64_t offset) const
    {
        return state_.in_64_bit_mode() ? base + offset : (base + offset) & kLowHalf;
    }
    std::uint64_t base_of(const x86_op_mem& memory) const
    {
        switch (memory.segment) {
        case X86_REG_FS: return state_.fs.base;
        case X86_REG_GS: return state_.gs.base;
        case X86_REG_ES: return segment_base(state_.es);
        case X86_REG_CS: return segment_base(state_.cs);
        case X86_REG_SS: return segment_base(state_.ss);
        case X86_REG_DS: return segment_base(state_.ds);
        default: return segment_base(on_stack(memory) ? state_.ss : state_.ds);
        }
    }
    static bool on_stack(const x86_op_mem& memory)
    {
        constexpr x86_reg kStackRegisters[] = {X86_REG_RSP, X86_REG_RBP, X86_REG_ESP,
                                               X86_REG_EBP, X86_REG_SP,  X86_REG_BP};
        const bool no_override = memory.segment == X86_REG_INVALID || memory.segment == X86_REG_SS;
        return no_override && std::ranges::find(kStackRegisters, memory.base) != std::end(kStackRegisters);
    }

    std::uint64_t address_of(const x86_op_mem& memory) const
    {
        const bool relative = memory.base == X86_REG_RIP || memory.base == X86_REG_EIP;
        std::uint64_t offset =
            relative ? state_.rip + instruction_.size : static_cast<std::uint64_t>(value_of(state_, memory.base));
        // POP addresses its operand with the RSP that it leaves.  [SDM 2B POP]
        if (instruction_.id == X86_INS_POP && (memory.base == X86_REG_RSP || memory.base == X86_REG_ESP)) {
            offset += stack_word();
        }
        offset += static_cast<std::uint64_t>(value_of(state_, memory.index) * memory.scale + memory.disp);
        return linear(base_of(memory), (offset + bit_string_offset()) & mask_of(x86_.addr_size));
    }

    /// How far the bit that a register names is from the operand's address.  [SDM 2A BT]
    std::uint64_t bit_string_offset() const
    {
        if (!is_bit_test(instruction_.id) || x86_.operands[1].type != X86_OP_REG) {
            return 0;
        }
        const std::int64_t bit = value_of(state_, x86_.operands[1].reg);
        const std::int64_t bits = 8 * x86_.operands[1].size;
        const std::int64_t words = (bit - ((bit % bits) + bits) % bits) / bits;
        return static_cast<std::uint64_t>(words * x86_.operands[1].size);
    }

    /// 66 has an effect on the size of what is pushed and popped; REX.W has none in 64-bit mode.
    unsigned stack_word() const
    {
        const bool prefix = x86_.prefix[2] == X86_PREFIX_OPSIZE;
        if (state_.in_64_bit_mode()) {
            return prefix ? 2 : 8;
        }
        return ((state_.cs.attributes & kDefaultBig) != 0) != prefix ? 4 : 2;
    }
    std::uint64_t stack_mask() const
    {
        return state_.in_64_bit_mode() ? mask_of(8) : mask_of((state_.ss.attributes & kDefaultBig) != 0 ? 4 : 2);
    }
    OperandSize operand_size() const
    {
        if (x86_.prefix[2] == X86_PREFIX_OPSIZE) {
            return OperandSize::Bits16;
        }
        return (x86_.rex & 8) != 0 ? OperandSize::Bits64 : OperandSize::Bits32;
    }

    void add(DataAccess access)
    {
        access.alignment = required_alignment(access.type, operand_size());
        accesses_.push_back(access);
    }
    void add_on_stack(std::uint64_t offset, unsigned bytes, bool write)
    {
        const std::uint64_t address = linear(segment_base(state_.ss), offset & stack_mask());
        add({address, bytes, !write, write, true, false, integer_type(bytes)});
    }

    void add_operands()
    {
        const std::size_t first = accesses_.size();
        for (const cs_x86_op& operand : std::span(x86_.operands, x86_.op_count)) {
            if (operand.type != X86_OP_MEM || !touches_memory(instruction_.id)) {
                continue;
            }
            DataAccess access{.address = address_of(operand.mem), .stack = on_stack(operand.mem)};
            const bool destination = &operand == x86_.operands;
            const Direction direction = direction_of(instruction_, destination);
            access.bytes = size_of(instruction_, operand, state_.in_64_bit_mode(), operand_size());
            access.read = direction != Direction::Write;
            access.write = direction != Direction::Read;
            access.type = type_of(instruction_, access.bytes);
            access.aligned_by_rule = aligned_by_rule(instruction_, access.bytes);
            add(access);
        }
        // What MOVS reads comes before what it writes.
        if (accesses_.size() == first + 2 && !accesses_[first].read) {
            std::swap(accesses_[first], accesses_[first + 1]);
        }
    }

    void add_pops()
    {
        const unsigned word = far_word();
        const std::uint64_t rsp = state_[Gpr::Rsp];
        for (unsigned index = 0, count = popped_words(instruction_, state_.in_64_bit_mode()); index < count; ++index) {
            add_on_stack(rsp + std::uint64_t{index} * word, word, false);
        }
        if (instruction_.id == X86_INS_LEAVE) {
            add_on_stack(state_[Gpr::Rbp], stack_word(), false);
        }
    }
    void add_pushes()
    {
        const unsigned word = far_word();
        const std::uint64_t rsp = state_[Gpr::Rsp];
        for (unsigned index = 1, count = pushed_words(instruction_); index <= count; ++index) {
            add_on_stack(rsp - std::uint64_t{index} * word, word, true);
        }
        if (instruction_.id == X86_INS_ENTER) {
            add_enter();
        }
    }
    /// Far transfers use the operand size, everything else the size of the stack's words.
    unsigned far_word() const
    {
        const bool by_operand = instruction_.id == X86_INS_RETF || instruction_.id == X86_INS_RETFQ ||
                                is_interrupt_return(instruction_.id) || is_far_call(instruction_);
        if (!by_operand) {
            return stack_word();
        }
        return state_.in_64_bit_mode() ? static_cast<unsigned>(operand_size()) : stack_word();
    }

    /// ENTER pushes RBP, copies the outer frames' pointers, and pushes its own.  [SDM 2A ENTER]
    void add_enter()
    {
        const unsigned word = stack_word();
        const auto level = static_cast<unsigned>(x86_.operands[1].imm & 31);
        std::uint64_t rsp = state_[Gpr::Rsp] - word, rbp = state_[Gpr::Rbp];
        add_on_stack(rsp, word, true);
        for (unsigned outer = 1; outer < level; ++outer) {
            add_on_stack(rbp -= word, word, false);
            add_on_stack(rsp -= word, word, true);
        }
        if (level != 0) {
            add_on_stack(rsp - word, word, true);
        }
    }

    /// What no operand names.
    void add_implicit()
    {
        const std::uint64_t mask = mask_of(x86_.addr_size);
        if (instruction_.id == X86_INS_XLATB) {
            x86_op_mem memory{};
            memory.segment = segment_override();
            const std::uint64_t offset = state_[Gpr::Rbx] + (state_[Gpr::Rax] & 0xff);
            add({.address = linear(base_of(memory), offset & mask), .bytes = 1, .read = true});
        } else if (instruction_.id == X86_INS_MASKMOVQ || instruction_.id == X86_INS_MASKMOVDQU) {
            x86_op_mem memory{};
            memory.segment = segment_override();
            const unsigned bytes = instruction_.id == X86_INS_MASKMOVQ ? 8 : 16;
            const std::uint64_t address = linear(base_of(memory), state_[Gpr::Rdi] & mask);
            add({.address = address, .bytes = bytes, .write = true});
        }
    }
    x86_reg segment_override() const
    {
        switch (x86_.prefix[1]) {
        case X86_PREFIX_CS: return X86_REG_CS;
        case X86_PREFIX_SS: return X86_REG_SS;
        case X86_PREFIX_DS: return X86_REG_DS;
        case X86_PREFIX_ES: return X86_REG_ES;
        case X86_PREFIX_FS: return X86_REG_FS;
        case X86_PREFIX_GS: return X86_REG_GS;
        default: return X86_REG_INVALID;
        }
    }

    const CpuState& state_;
    const cs_insn& instruction_;
    const cs_x86& x86_;
    std::vector<DataAccess> accesses_;
};

} // namespace

std::vector<DataAccess> data_accesses(const CpuState& state, std::span<const std::byte> code)
{
    const cs_insn* const instruction = Decoder::of(state).decode(code);
    return instruction == nullptr ? std::vector<DataAccess>{} : Collector(state, *instruction).collect();
}

std::optional<std::uint64_t> operand_address(const CpuState& state, std::span<const std::byte> code)
{
    const cs_insn* const instruction = Decoder::of(state).decode(code);
    return instruction == nullptr ? std::nullopt : Collector(state, *instruction).operand();
}

} // namespace ringcheck
