// SPDX-License-Identifier: GPL-2.0-or-later
// The processor at what loads segment registers, CS by far transfers, and the table registers.
#include "machine/operand.h"
#include "machine/processor.h"
#include "model/far_pointer.h"
#include "model/far_return.h"
#include "model/far_transfer.h"
#include "model/memory_access.h"
#include "model/privilege.h"
#include "model/segment_load.h"
#include "model/table_register.h"
#include "model/task_register.h"

#include <array>
#include <cstring>

namespace ringcheck {

using Kind = InstructionKind;
using model::CpuState;
using model::FarPointer;
using model::Fault;
using model::OperandSize;
using model::SegmentName;

Outcome Processor::execute_segment_load(const Instruction& instruction, const CpuState& before)
{
    const CpuState after = past(instruction, before);
    if (instruction.kind == Kind::PopSegment) {
        constexpr std::uint8_t kPopFs = 0xa1;
        const SegmentName which = instruction.opcode == kPopFs ? SegmentName::Fs : SegmentName::Gs;
        const OperandSize size =
            instruction.operand_size && !instruction.rex_w() ? OperandSize::Bits16 : OperandSize::Bits64;
        return outcome_of(pop_segment(after, memory_, which, size, vendor_), before);
    }
    const auto which = static_cast<SegmentName>(instruction.reg() & 7); // REX.R counts for nothing
    if (which == SegmentName::Cs || which > SegmentName::Gs) {
        return outcome_of(load_segment_register(after, memory_, which, 0, vendor_), before); // #UD before any access
    }
    const auto selector = read_word_operand(instruction, before, memory_);
    if (!selector) {
        return Faulted{selector.error(), before};
    }
    CpuState begun = after;
    begun.interrupt_shadow = before.interrupt_shadow;
    begun.mov_ss_shadow = before.mov_ss_shadow;
    return outcome_of(mov_to_segment(begun, memory_, which, *selector, vendor_), before);
}

std::expected<FarPointer, Fault> Processor::read_far_operand(const Instruction& instruction, const CpuState& before,
                                                             OperandSize size) const
{
    const LinearOperand operand = linear_operand(instruction, before);
    return model::read_far_pointer(before, memory_, operand.address, size, operand.reference);
}

Outcome Processor::execute_far_pointer_load(const Instruction& instruction, const CpuState& before)
{
    constexpr std::uint8_t kLss = 0xb2, kLfs = 0xb4;
    const SegmentName which = instruction.opcode == kLss   ? SegmentName::Ss
                              : instruction.opcode == kLfs ? SegmentName::Fs
                                                           : SegmentName::Gs;
    const OperandSize size = far_operand_size(operand_size(instruction), vendor_);
    const auto pointer = read_far_operand(instruction, before, size);
    if (!pointer) {
        return Faulted{pointer.error(), before};
    }
    const auto destination = static_cast<model::Gpr>(instruction.reg());
    return outcome_of(load_far_pointer(past(instruction, before), memory_, which, destination, *pointer, size, vendor_),
                      before);
}

/// Far CALL, JMP and RET: a transition when the ring changes.
Outcome Processor::execute_far_transfer(const Instruction& instruction, const CpuState& before)
{
    const CpuState after = past(instruction, before);
    const auto finish = [&](const std::expected<CpuState, Fault>& result) {
        const bool changes_ring = result && result->cpl != before.cpl;
        return outcome_of(result, before, changes_ring ? std::optional(TransitionKind::FarTransfer) : std::nullopt);
    };
    if (instruction.kind == Kind::FarReturn) {
        return finish(far_return(after, memory_, operand_size(instruction), instruction.immediate, vendor_));
    }
    const OperandSize size = far_operand_size(operand_size(instruction), vendor_);
    const auto target = read_far_operand(instruction, before, size);
    if (!target) {
        return Faulted{target.error(), before};
    }
    return finish(instruction.kind == Kind::FarCall ? far_call(after, memory_, *target, size)
                                                    : far_jump(after, memory_, *target));
}

/// LTR and LLDT.
Outcome Processor::execute_selector_load(const Instruction& instruction, const CpuState& before)
{
    constexpr unsigned kLtr = 3;
    if (const auto allowed = check_privilege(before, model::PrivilegeRule::Ring0); !allowed) {
        return Faulted{allowed.error(), before};
    }
    const auto selector = read_word_operand(instruction, before, memory_);
    if (!selector) {
        return Faulted{selector.error(), before};
    }
    const CpuState after = past(instruction, before);
    return outcome_of((instruction.reg() & 7) == kLtr ? load_task_register(after, memory_, *selector)
                                                      : load_ldt_register(after, memory_, *selector),
                      before);
}

/// LGDT and LIDT.
Outcome Processor::execute_table_load(const Instruction& instruction, const CpuState& before)
{
    constexpr unsigned kLidt = 3;
    if (const auto allowed = check_privilege(before, model::PrivilegeRule::Ring0); !allowed) {
        return Faulted{allowed.error(), before};
    }
    model::TableRegister table;
    std::array<std::byte, sizeof table.limit + sizeof table.base> image{};
    const LinearOperand operand = linear_operand(instruction, before);
    const auto access = by_program(before, model::AccessKind::Read);
    if (const auto read = read_linear(before, memory_, operand.address, image, access, operand.reference); !read) {
        return Faulted{read.error(), before};
    }
    std::memcpy(&table.limit, image.data(), sizeof table.limit);
    std::memcpy(&table.base, image.data() + sizeof table.limit, sizeof table.base);
    const auto which = (instruction.reg() & 7) == kLidt ? model::DescriptorTable::Idt : model::DescriptorTable::Gdt;
    return outcome_of(load_table_register(past(instruction, before), which, table), before);
}

} // namespace ringcheck
