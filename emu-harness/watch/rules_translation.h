// SPDX-License-Identifier: GPL-2.0-or-later
// Rules about the pages that each instruction goes through, with a model of the TLB that forgets nothing by itself.
// Strict: they look at each instruction.
#pragma once

#include "watch/address_lookup.h"
#include "watch/instruction_look.h"
#include "watch/rule_report.h"

#include <cstdint>
#include <optional>
#include <unordered_map>

namespace ringcheck {

class TranslationRules {
public:
    TranslationRules(RuleReport& report, const RuleContext& context) : report_(report), context_(context) {}

    void on_transition(const Transition& transition)
    {
        seen_user_ |= transition.before.cpl == 3 || transition.after.cpl == 3;
    }
    void on_instruction(const InstructionLook& look);

private:
    enum class Use : std::uint8_t { Fetch, Read, Write };

    void check_page(const InstructionLook& look, std::uint64_t address, Use use);
    void check_stale(const InstructionLook& look, std::uint64_t address, Use use, const std::optional<Lookup>& now);
    void flush(const InstructionLook& look);

    RuleReport& report_;
    RuleContext context_;
    bool seen_user_ = false; ///< before ring 3 has run there is no user memory to keep away from
    /// What the CPU may hold: for each page that was used since the last flush, by its address, all rights it had then.
    std::unordered_map<std::uint64_t, Lookup> held_;
};

} // namespace ringcheck
