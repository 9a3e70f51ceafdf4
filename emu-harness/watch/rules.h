// SPDX-License-Identifier: GPL-2.0-or-later
// What must hold at every crossing between the rings.  Each rule has a stable id, a one-line statement and a citation.
// A rule is checked on transitions and landmarks only; it never changes the machine.
#pragma once

#include "watch/symbols.h"
#include "watch/transition_log.h"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace ringcheck {

struct Rule {
    const char* id;
    const char* statement;
    const char* citation;
};

/// All rules, in the order of their list.
std::span<const Rule* const> all_rules();

struct Violation {
    const Rule* rule = nullptr;
    std::string expected, actual;
    std::uint64_t count = 0;    ///< instructions retired before the crossing
    std::string where;          ///< the crossing, or the function that was reached, with symbols
    std::uint64_t repeated = 0; ///< how often the same rule was violated after this
};

/// One paragraph: rule, statement, citation, expected, actual, crossing.
std::string format_violation(const Violation& violation);

/// What a rule may look at.
struct RuleContext {
    const GuestDescription& guest;
    GuestMemory& memory;
    const Processes& processes;
    const Symbols& symbols;
};

/// Counts checks and keeps the first violation of each rule.
class RuleReport {
public:
    /// @param describe  called when `holds` is false: returns {expected, actual}
    template <typename Describe> void require(const Rule& rule, bool holds, Describe describe)
    {
        ++checks_;
        if (!holds) {
            const auto [expected, actual] = describe();
            add(rule, expected, actual);
        }
    }
    /// The place that following violations name.
    void at(std::uint64_t count, std::string where);
    std::uint64_t checks() const { return checks_; }
    const std::vector<Violation>& violations() const { return violations_; }
    /// All violations, repeated ones included.
    std::uint64_t total() const { return total_; }

private:
    void add(const Rule& rule, std::string expected, std::string actual);

    std::uint64_t checks_ = 0, total_ = 0, count_ = 0;
    std::string where_;
    std::vector<Violation> violations_;
};

/// A thread as it left ring 3 last; it is known by the kernel stack that TSS.RSP0 names.
struct LeftRing3 {
    std::uint64_t table = 0;      ///< PML4 of the process that it belongs to
    std::optional<Transition> by; ///< empty: it has not left since its first entry
};

/// An entry to ring 3, with what the rules need to know around it.
struct UserEntry {
    const Transition& transition;
    std::optional<std::uint64_t> rsp0; ///< TSS.RSP0, when the TSS can be read
    const LeftRing3* left = nullptr;   ///< nullptr: this thread has not been in ring 3
    bool first = false;                ///< its process has not been in ring 3 either
};

// One file per group of rules.
void check_user_entry(RuleReport& report, const RuleContext& context, const UserEntry& entry);
void check_registers(RuleReport& report, const RuleContext& context, const UserEntry& entry);
void check_page_tables(RuleReport& report, const RuleContext& context, const model::CpuState& state);
void check_protection_bits(RuleReport& report, const model::CpuState& state);
void check_syscall_entry(RuleReport& report, const Transition& transition);
/// @param rsp0  TSS.RSP0 when the handler was reached straight from ring 3
void check_dispatch(RuleReport& report, const RuleContext& context, const model::CpuState& state,
                    std::optional<std::uint64_t> rsp0);

/// The address of the per-CPU block that `base` points to, when its own word says that it is one.
bool is_per_cpu_block(const RuleContext& context, const model::CpuState& state, std::uint64_t base);

class RuleChecker final : public GuestObserver {
public:
    explicit RuleChecker(const RuleContext& context) : context_(context) {}
    const RuleReport& report() const { return report_; }

    void on_transition(const Transition& transition) override;
    void on_process_started(std::uint64_t count, const Process& process, const model::CpuState& state) override;
    void on_process_ended(std::uint64_t count, const Process& process, const model::CpuState& state) override;
    void on_dispatch(std::uint64_t count, const model::CpuState& state) override;

private:
    void entered_user(const Transition& transition);
    void left_user(const Transition& transition);
    std::optional<std::uint64_t> read_rsp0(const model::CpuState& state) const;

    RuleContext context_;
    RuleReport report_;
    std::map<std::uint64_t, LeftRing3> threads_;     ///< by TSS.RSP0
    std::set<std::uint64_t> fresh_;                  ///< PML4s of processes that were not in ring 3 yet
    std::map<std::uint64_t, std::uint64_t> entries_; ///< entries to ring 3 by PML4
    std::optional<std::uint64_t> awaits_dispatch_;   ///< RSP0 when ring 3 was left and no handler was reached since
};

} // namespace ringcheck
