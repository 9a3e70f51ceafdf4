// SPDX-License-Identifier: GPL-2.0-or-later
#include "watch/rule_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace ringcheck {

std::string format_violation(const Violation& violation)
{
    const Rule& rule = *violation.rule;
    std::string text =
        fmt::format("rule {} violated: {}\n  expected  {}\n  actual    {}\n  at        instruction {}: {}\n"
                    "  see       {}\n  next      {}\n",
                    rule.id, rule.statement, violation.expected, violation.actual, violation.count, violation.where,
                    rule.citation, rule.next);
    if (violation.repeated != 0) {
        text += fmt::format("  again     {} more time{}\n", violation.repeated, violation.repeated == 1 ? "" : "s");
    }
    return text;
}

std::string RuleReport::place() const
{
    const Symbols& symbols = context_.symbols;
    const auto program = [&](const model::CpuState& state) -> const Program& {
        return context_.processes.program_with_cr3(state.cr3);
    };
    const auto code = [&](const model::CpuState& state, const Program& its) {
        return symbols.code(state.rip, state.cpl, its);
    };
    const auto rest = [&](const model::CpuState& state) {
        return fmt::format("RSP {}, CR3 {:#x}", symbols.stack(state[model::Gpr::Rsp], program(state)), state.cr3);
    };
    if (transition_ != nullptr) {
        const model::CpuState &before = transition_->before, &after = transition_->after;
        return fmt::format("{} {}→{} {} → {}, {}", to_string(transition_->kind), before.cpl, after.cpl,
                           code(before, program(after)), code(after, program(after)), rest(after));
    }
    return state_ == nullptr ? what_ : fmt::format("{}, {}", code(*state_, program(*state_)), rest(*state_));
}

void RuleReport::add(const Rule& rule, std::string expected, std::string actual)
{
    if (std::ranges::find(context_.guest.ignored_rules, rule.id) != context_.guest.ignored_rules.end()) {
        return;
    }
    ++total_;
    const auto known = std::ranges::find(violations_, &rule, &Violation::rule);
    if (known != violations_.end()) {
        ++known->repeated;
    } else {
        violations_.push_back({&rule, std::move(expected), std::move(actual), count_, place(), 0});
    }
}

} // namespace ringcheck
