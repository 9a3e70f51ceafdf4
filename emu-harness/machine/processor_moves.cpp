// SPDX-License-Identifier: GPL-2.0-or-later
// The processor at control, debug and extended control registers, PKRU, and the bases of FS and GS.
#include "arch/control_registers.h"
#include "machine/devices/local_apic.h"
#include "machine/operand.h"
#include "machine/processor.h"
#include "model/control_register.h"
#include "model/debug_register.h"
#include "model/extended_control.h"
#include "model/legacy_paging.h"
#include "model/privilege.h"
#include "model/protection_key.h"
#include "model/segment_base.h"

#include <array>

namespace ringcheck {

using Kind = InstructionKind;
using model::CpuState;
using model::Gpr;

Outcome Processor::execute_write_base(const Instruction& instruction, const CpuState& before)
{
    const auto which = instruction.kind == Kind::WriteFsBase ? model::BaseRegister::Fs : model::BaseRegister::Gs;
    const std::uint64_t value = before.gpr[instruction.rm()];
    return outcome_of(write_base(past(instruction, before), which, instruction.rex_w() ? value : value & kLowHalf),
                      before);
}

Outcome Processor::execute_move(const Instruction& instruction, const CpuState& before)
{
    CpuState after = past(instruction, before);
    const std::uint64_t width = before.in_64_bit_mode() ? ~std::uint64_t{0} : kLowHalf;
    const std::uint64_t value = before.gpr[instruction.rm()] & width;
    const unsigned number = instruction.reg();
    switch (instruction.kind) {
    case Kind::MoveToControl: {
        auto result = mov_to_control_register(after, number, value, features_);
        if (!result) {
            return Faulted{result.error(), before};
        }
        if (const auto paging = check_legacy_paging(*result, memory_); !paging) {
            return Faulted{paging.error(), before};
        }
        if (number == 8 && apic_ != nullptr) {
            apic_->set_cr8(result->cr8);
        }
        const bool other_table = number == 3 && arch::cr3::kTable.get(before.cr3 ^ result->cr3) != 0;
        return Executed{*result, other_table ? std::optional(TransitionKind::AddressSpace) : std::nullopt, true};
    }
    case Kind::MoveFromControl: {
        constexpr std::array<const std::uint64_t CpuState::*, 9> kRegisters = {
            &CpuState::cr0, nullptr, &CpuState::cr2, &CpuState::cr3, &CpuState::cr4,
            nullptr,        nullptr, nullptr,        &CpuState::cr8};
        if (number >= kRegisters.size() || kRegisters[number] == nullptr) {
            return undefined(before);
        }
        if (const auto allowed = check_privilege(before, model::PrivilegeRule::Ring0); !allowed) {
            return Faulted{allowed.error(), before};
        }
        after.gpr[instruction.rm()] = before.*kRegisters[number] & width;
        return Executed{after, std::nullopt};
    }
    case Kind::MoveToDebug: return outcome_of(mov_to_debug_register(after, number, value), before);
    default: {
        const auto result = mov_from_debug_register(before, number);
        if (!result) {
            return Faulted{result.error(), before};
        }
        after.gpr[instruction.rm()] = *result & width;
        return Executed{after, std::nullopt};
    }
    }
}

/// LMSW: the low four bits of CR0, of which it cannot clear PE.  [SDM 2A LMSW]
Outcome Processor::execute_machine_status(const Instruction& instruction, const CpuState& before)
{
    constexpr std::uint64_t kLoaded = arch::cr0::kProtectionEnable | arch::cr0::kMonitorCoprocessor |
                                      arch::cr0::kEmulation | arch::cr0::kTaskSwitched;
    if (const auto allowed = check_privilege(before, model::PrivilegeRule::Ring0); !allowed) {
        return Faulted{allowed.error(), before};
    }
    const auto word = read_word_operand(instruction, before, memory_);
    if (!word) {
        return Faulted{word.error(), before};
    }
    CpuState after = past(instruction, before);
    after.cr0 = (before.cr0 & ~(kLoaded & ~arch::cr0::kProtectionEnable)) | (*word & kLoaded);
    return Executed{after, std::nullopt, true};
}

/// XGETBV, XSETBV, RDPKRU and WRPKRU.
Outcome Processor::execute_extended_state(const Instruction& instruction, const CpuState& before)
{
    CpuState after = past(instruction, before);
    const auto index = static_cast<std::uint32_t>(before[Gpr::Rcx]);
    switch (instruction.kind) {
    case Kind::ReadExtendedControl: {
        const auto value = model::xgetbv(before, index);
        if (!value) {
            return Faulted{value.error(), before};
        }
        put_pair(after, *value);
        return Executed{after, std::nullopt};
    }
    case Kind::WriteExtendedControl: return outcome_of(model::xsetbv(after, index, pair(before), features_), before);
    case Kind::ReadProtectionKeys: {
        const auto value = model::rdpkru(before, index);
        if (!value) {
            return Faulted{value.error(), before};
        }
        put_pair(after, *value);
        return Executed{after, std::nullopt};
    }
    default:
        return outcome_of(model::wrpkru(after, index, static_cast<std::uint32_t>(before[Gpr::Rdx]),
                                        static_cast<std::uint32_t>(before[Gpr::Rax])),
                          before);
    }
}

} // namespace ringcheck
