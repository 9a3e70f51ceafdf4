// SPDX-License-Identifier: GPL-2.0-or-later
// Leads each transition to the rules that concern it, and remembers how each thread left ring 3.
#include "watch/rules.h"

#include "arch/tss.h"
#include "watch/rules_list.h"

#include <algorithm>
#include <utility>

namespace ringcheck {
namespace {

constexpr std::uint64_t kEntriesPerTableWalk = 256;

std::uint64_t table_of(const model::CpuState& state)
{
    return arch::cr3::kTable.get(state.cr3) << arch::cr3::kTable.low;
}

} // namespace

std::span<const Rule* const> all_rules()
{
    return rules::kAll;
}

const char* to_string(RuleCost cost)
{
    return cost == RuleCost::Always ? "always" : "strict";
}

std::size_t RuleChecker::rule_count() const
{
    const auto checked = [this](const Rule* rule) { return strict_ || rule->cost == RuleCost::Always; };
    return static_cast<std::size_t>(std::ranges::count_if(all_rules(), checked));
}

bool is_per_cpu_block(const RuleContext& context, const model::CpuState& state, std::uint64_t base)
{
    const GuestDescription& guest = context.guest;
    if (!guest.is_kernel_address(base) || (guest.per_cpu_block && base != *guest.per_cpu_block)) {
        return false;
    }
    return !guest.per_cpu_self_offset ||
           context.memory.read_u64(state, arch::VirtAddr{base + *guest.per_cpu_self_offset}) == base;
}

std::optional<std::uint64_t> RuleChecker::read_rsp0(const model::CpuState& state) const
{
    return context_.memory.read_u64(state, arch::VirtAddr{state.tr.base + offsetof(arch::Tss, rsp)});
}

void RuleChecker::on_process_started(std::uint64_t, const Process& process, const model::CpuState&)
{
    fresh_.insert(process.table);
}

void RuleChecker::on_process_executed(std::uint64_t, const Process& old, const Process& process, const model::CpuState&)
{
    forget_tables(old.table);
    fresh_.insert(process.table);
}

void RuleChecker::on_process_ended(std::uint64_t, const Process& process, const model::CpuState&)
{
    forget_tables(process.table);
}

void RuleChecker::on_signal_delivered(const DeliveredSignal& signal, const model::CpuState& state)
{
    if (LeftRing3* const thread = lead_elsewhere(state, WayBack::Handler)) {
        thread->handler = signal.handler; // of several the last is entered first
    }
}

void RuleChecker::on_call_restarts(const model::CpuState& state)
{
    lead_elsewhere(state, WayBack::Again);
}

/// What the running thread finds in ring 3 is not what it has left there.
/// @return nullptr: nothing is known of it
LeftRing3* RuleChecker::lead_elsewhere(const model::CpuState& state, WayBack way_back)
{
    const std::optional<std::uint64_t> rsp0 = read_rsp0(state);
    const auto found = rsp0 ? threads_.find(*rsp0) : threads_.end();
    if (found == threads_.end()) {
        return nullptr;
    }
    LeftRing3& thread = found->second;
    thread.floats.reset();
    if (thread.way_back != WayBack::Restored) { // else nobody knows what the handler finds in its registers
        thread.way_back = way_back;
    }
    return &thread;
}

/// Nothing runs on those page tables any more.
void RuleChecker::forget_tables(std::uint64_t table)
{
    fresh_.erase(table);
    entries_.erase(table);
    std::erase_if(threads_, [table](const auto& thread) { return thread.second.table == table; });
}

void RuleChecker::on_thread_ended(std::uint64_t stack_top)
{
    threads_.erase(stack_top);
}

void RuleChecker::on_event(std::uint64_t count, const model::CpuState& before, const model::Event& event)
{
    report_.at(count, before);
    check_gate(report_, context_, before, event);
}

void RuleChecker::on_transition(const Transition& transition)
{
    report_.at(transition);
    frames_.on_transition(transition);
    if (strict_) {
        entry_window_.on_transition(transition);
        translations_.on_transition(transition);
    }
    if (!transition.changes_ring()) {
        return;
    }
    if (transition.after.cpl == 3) {
        entered_user(transition);
    } else if (transition.after.cpl == 0) {
        left_user(transition);
    }
}

void RuleChecker::entered_user(const Transition& transition)
{
    const std::uint64_t table = table_of(transition.after);
    const std::optional<std::uint64_t> rsp0 = read_rsp0(transition.after);
    const auto thread = rsp0 ? threads_.find(*rsp0) : threads_.end();
    // A stack that belongs to a thread of another process makes this that thread, on page tables that are not its own.
    const bool known = thread != threads_.end(), of_another = known && thread->second.table != table;
    const bool first = !of_another && fresh_.erase(table) != 0;
    const UserEntry entry{transition, rsp0, known && !first ? &thread->second : nullptr, first};

    check_user_entry(report_, context_, entry);
    check_registers(report_, context_, entry);
    check_floats(report_, context_, entry);
    check_protection_bits(report_, transition.after);
    if (entries_[table]++ % kEntriesPerTableWalk == 0) {
        check_page_tables(report_, context_, transition.after);
        check_io_map(report_, context_, transition.after);
    }
    awaits_dispatch_.reset();
    if (rsp0) {
        LeftRing3& entered = known ? thread->second : threads_[*rsp0];
        entered.table = known ? entered.table : table;
        entered.outside = false;
        entered.floats.reset();
    }
}

/// It is a call like sigreturn.
bool RuleChecker::restores_registers(const Transition& transition) const
{
    const SyscallConvention& convention = context_.guest.syscalls;
    if (!is_system_call(convention, transition)) {
        return false;
    }
    const SyscallDescription* const call = convention.find(transition.before[convention.number]);
    return call != nullptr && call->restores;
}

void RuleChecker::left_user(const Transition& transition)
{
    if (transition.kind == TransitionKind::Syscall) {
        check_syscall_entry(report_, transition);
    }
    check_entry_point(report_, context_, transition);
    awaits_dispatch_ = read_rsp0(transition.after);
    if (awaits_dispatch_) {
        const auto [thread, unknown] = threads_.try_emplace(*awaits_dispatch_);
        LeftRing3& left = thread->second;
        left.table = unknown ? table_of(transition.before) : left.table;
        left.outside = true;
        left.way_back = restores_registers(transition) ? WayBack::Restored : WayBack::Straight;
        left.by = transition.kind;
        left.vector = transition.vector;
        left.state = transition.before;
        left.state.rip = return_address(transition);
        left.floats.reset();
        if (left.way_back == WayBack::Straight && context_.floats &&
            (transition.before.cr0 & arch::cr0::kTaskSwitched) == 0) {
            left.floats = context_.floats();
        }
    }
}

void RuleChecker::on_lock_function(std::uint64_t count, const model::CpuState& state)
{
    const auto is_one_of = [&state](const std::vector<std::uint64_t>& addresses) {
        return std::ranges::find(addresses, state.rip) != addresses.end();
    };
    report_.at(count, state);
    if (is_one_of(context_.guest.not_under_lock)) {
        report_.require(rules::kSchedulerLock, locked_ == 0, [&] {
            return std::pair<std::string, std::string>{"it is called without the scheduler's lock",
                                                       context_.symbols.code(state.rip, 0, "") + " is called under it"};
        });
    }
    if (is_one_of(context_.guest.lock_taken)) {
        ++locked_;
    } else if (is_one_of(context_.guest.lock_released) && locked_ != 0) {
        --locked_;
    }
}

void RuleChecker::on_dispatch(std::uint64_t count, const model::CpuState& state)
{
    report_.at(count, state);
    check_dispatch(report_, context_, state, std::exchange(awaits_dispatch_, std::nullopt));
}

void RuleChecker::on_instruction(std::uint64_t count, const model::CpuState& state)
{
    const auto look = look_at(count, state, context_.memory);
    if (!look) {
        return;
    }
    report_.at(count, state);
    const std::optional<std::uint64_t> rsp0 = state.cpl == 0 ? read_rsp0(state) : std::nullopt;
    entry_window_.on_instruction(*look, rsp0);
    stores_.on_instruction(*look, rsp0);
    translations_.on_instruction(*look);
}

void RuleChecker::on_interrupt_accepted(std::uint64_t, std::uint8_t vector, unsigned ends)
{
    frames_.on_interrupt_accepted(vector, ends);
}

void RuleChecker::on_interrupt_ended(std::uint64_t count, std::optional<std::uint8_t> vector)
{
    report_.at(count, "an end-of-interrupt command");
    frames_.on_interrupt_ended(vector);
}

} // namespace ringcheck
