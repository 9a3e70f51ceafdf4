// SPDX-License-Identifier: GPL-2.0-or-later
// Counts checks and keeps the first violation of each rule.
// Invariant: a check that holds builds no text.
#pragma once

#include "watch/rule.h"
#include "watch/symbols.h"
#include "watch/transition_log.h"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace ringcheck {

struct Violation {
    const Rule* rule = nullptr;
    std::string expected, actual;
    std::uint64_t count = 0;    ///< instructions retired before the crossing, or before the instruction at fault
    std::string where;          ///< the crossing, or the code that was reached, with symbols
    std::uint64_t repeated = 0; ///< how often the same rule was violated after this
};

/// One paragraph: rule, statement, expected, actual, place, citation, what to do next.
std::string format_violation(const Violation& violation);

/// What a rule may look at.
struct RuleContext {
    const GuestDescription& guest;
    GuestMemory& memory;
    const Processes& processes;
    const Symbols& symbols;
    const ElfImage* kernel = nullptr;                    ///< nullptr: rules about its segments are not checked
    std::function<model::FloatState()> floats = nullptr; ///< the CPU's; empty: rules about them are not checked
};

class RuleReport {
public:
    explicit RuleReport(const RuleContext& context) : context_(context) {}

    /// The place that following violations name; what is passed must live until the next call.
    void at(const Transition& transition)
    {
        count_ = transition.count;
        transition_ = &transition;
        state_ = nullptr;
    }
    void at(std::uint64_t count, const model::CpuState& state)
    {
        count_ = count;
        transition_ = nullptr;
        state_ = &state;
    }
    /// @param what  where no state is known
    void at(std::uint64_t count, const char* what)
    {
        count_ = count;
        transition_ = nullptr;
        state_ = nullptr;
        what_ = what;
    }
    /// @param describe  called when `holds` is false: returns {expected, actual}
    template <typename Describe> void require(const Rule& rule, bool holds, Describe describe)
    {
        ++checks_;
        if (!holds) [[unlikely]] {
            const auto [expected, actual] = describe();
            add(rule, expected, actual);
        }
    }
    std::uint64_t checks() const { return checks_; }
    const std::vector<Violation>& violations() const { return violations_; }
    /// All violations, repeated ones included.
    std::uint64_t total() const { return total_; }

private:
    void add(const Rule& rule, std::string expected, std::string actual);
    std::string place() const;

    RuleContext context_;
    std::uint64_t checks_ = 0, total_ = 0, count_ = 0;
    const Transition* transition_ = nullptr;
    const model::CpuState* state_ = nullptr;
    const char* what_ = "";
    std::vector<Violation> violations_;
};

} // namespace ringcheck
