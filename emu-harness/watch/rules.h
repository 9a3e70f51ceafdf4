// SPDX-License-Identifier: GPL-2.0-or-later
// What must hold at every crossing between the rings, and around it.  Rules look; they never change the machine.
#pragma once

#include "watch/rule_report.h"
#include "watch/rules_entry_window.h"
#include "watch/rules_frames.h"
#include "watch/rules_stores.h"
#include "watch/rules_translation.h"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>

namespace ringcheck {

/// Where a thread goes on that has left ring 3.
enum class WayBack : std::uint8_t {
    Straight, ///< behind what it left by
    Handler,  ///< in a signal's handler
    Again,    ///< at the call that it left by
    Restored, ///< wherever its memory says, with the registers that it says: sigreturn
};

/// A thread as it left ring 3 last; it is known by the kernel stack that TSS.RSP0 names.
struct LeftRing3 {
    std::uint64_t table = 0; ///< PML4 of the process that it belongs to
    WayBack way_back = WayBack::Straight;
    std::uint64_t handler = 0; ///< meaningful for WayBack::Handler
    bool outside = false;      ///< false: it has not left since its last entry, and what follows says nothing
    TransitionKind by{};
    std::optional<std::uint8_t> vector;
    model::CpuState state;                   ///< as it left; RIP where it is to go on, should nothing happen to it
    std::optional<model::FloatState> floats; ///< as it left them; empty when they were not its own (CR0.TS = 1)
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
void check_floats(RuleReport& report, const RuleContext& context, const UserEntry& entry);
void check_registers(RuleReport& report, const RuleContext& context, const UserEntry& entry);
void check_io_map(RuleReport& report, const RuleContext& context, const model::CpuState& state);
void check_page_tables(RuleReport& report, const RuleContext& context, const model::CpuState& state);
void check_protection_bits(RuleReport& report, const model::CpuState& state);
void check_syscall_entry(RuleReport& report, const Transition& transition);
void check_entry_point(RuleReport& report, const RuleContext& context, const Transition& transition);
/// @param rsp0  TSS.RSP0 when the handler was reached straight from ring 3
void check_dispatch(RuleReport& report, const RuleContext& context, const model::CpuState& state,
                    std::optional<std::uint64_t> rsp0);
void check_gate(RuleReport& report, const RuleContext& context, const model::CpuState& before,
                const model::Event& event);

/// The address of the per-CPU block that `base` points to, when its own word says that it is one.
bool is_per_cpu_block(const RuleContext& context, const model::CpuState& state, std::uint64_t base);

class RuleChecker final : public GuestObserver {
public:
    explicit RuleChecker(const RuleContext& context, bool strict = false)
        : context_(context), report_(context), strict_(strict)
    {
    }
    RuleChecker(const RuleChecker&) = delete; // the groups hold on to the report
    RuleChecker& operator=(const RuleChecker&) = delete;
    const RuleReport& report() const { return report_; }
    /// Whether the rules of RuleCost::Strict are checked too; to be decided before the run.
    void set_strict(bool strict) { strict_ = strict; }

    void on_event(std::uint64_t count, const model::CpuState& before, const model::Event& event) override;
    void on_transition(const Transition& transition) override;
    void on_process_started(std::uint64_t count, const Process& process, const model::CpuState& state) override;
    void on_process_executed(std::uint64_t count, const Process& old, const Process& process,
                             const model::CpuState& state) override;
    void on_signal_delivered(const DeliveredSignal& signal, const model::CpuState& state) override;
    void on_call_restarts(const model::CpuState& state) override;
    void on_process_ended(std::uint64_t count, const Process& process, const model::CpuState& state) override;
    void on_thread_ended(std::uint64_t stack_top) override;
    void on_lock_function(std::uint64_t count, const model::CpuState& state) override;
    void on_dispatch(std::uint64_t count, const model::CpuState& state) override;
    /// How many rules it looks after.
    std::size_t rule_count() const;
    bool wants_instructions() const override { return strict_; }
    void on_instruction(std::uint64_t count, const model::CpuState& state) override;
    void on_interrupt_accepted(std::uint64_t count, std::uint8_t vector, unsigned ends) override;
    void on_interrupt_ended(std::uint64_t count, std::optional<std::uint8_t> vector) override;

private:
    void entered_user(const Transition& transition);
    void left_user(const Transition& transition);
    bool restores_registers(const Transition& transition) const;
    LeftRing3* lead_elsewhere(const model::CpuState& state, WayBack way_back);
    void forget_tables(std::uint64_t table);
    std::optional<std::uint64_t> read_rsp0(const model::CpuState& state) const;

    RuleContext context_;
    RuleReport report_;
    bool strict_;
    FrameRules frames_{report_};
    EntryWindowRules entry_window_{report_, context_};
    TranslationRules translations_{report_, context_};
    StoreRules stores_{report_, context_, [this](std::uint64_t top) { return threads_.contains(top); }};
    std::map<std::uint64_t, LeftRing3> threads_;     ///< by TSS.RSP0
    unsigned locked_ = 0;                            ///< how often lock_taken was called and lock_released was not yet
    std::set<std::uint64_t> fresh_;                  ///< PML4s of processes that were not in ring 3 yet
    std::map<std::uint64_t, std::uint64_t> entries_; ///< entries to ring 3 by PML4
    std::optional<std::uint64_t> awaits_dispatch_;   ///< RSP0 when ring 3 was left and no handler was reached since
};

} // namespace ringcheck
