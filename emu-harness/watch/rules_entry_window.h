// SPDX-License-Identifier: GPL-2.0-or-later
// Rules about the instructions around a change of ring, when RSP, GS base or CR2 may still be somebody else's.
// Strict: they look at each instruction.
#pragma once

#include "watch/instruction_look.h"
#include "watch/rule_report.h"

#include <cstdint>
#include <optional>

namespace ringcheck {

class EntryWindowRules {
public:
    EntryWindowRules(RuleReport& report, const RuleContext& context) : report_(report), context_(context) {}

    void on_transition(const Transition& transition);
    /// @param rsp0  TSS.RSP0, when the TSS can be read
    void on_instruction(const InstructionLook& look, std::optional<std::uint64_t> rsp0);

private:
    /// What ring 3 had when it was left.
    struct Left {
        std::uint64_t rsp = 0, gs_base = 0, kernel_gs_base = 0;
    };
    void check_stack(const InstructionLook& look, std::optional<std::uint64_t> rsp0);
    void check_gs(const InstructionLook& look);
    void check_interrupt_flag(const InstructionLook& look);
    void check_cr2(const InstructionLook& look);
    bool is_kernel_stack(const model::CpuState& state, const DataAccess& store,
                         std::optional<std::uint64_t> rsp0) const;

    RuleReport& report_;
    RuleContext context_;
    std::optional<Left> left_;                ///< empty in ring 3, and before the first visit there
    bool awaits_stack_ = false;               ///< SYSCALL entered, and nothing has been pushed yet
    std::optional<std::uint64_t> unread_cr2_; ///< the count of a #PF whose CR2 has not been read
};

} // namespace ringcheck
