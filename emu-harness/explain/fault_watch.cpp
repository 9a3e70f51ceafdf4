// SPDX-License-Identifier: GPL-2.0-or-later
// An exception in ring 0 is over when the frame that it pushed is popped: one that a fix-up returned from is no cause
// of a later panic.
#include "explain/fault_watch.h"

#include <algorithm>
#include <utility>

namespace ringcheck {

bool FaultWatch::repeats(const model::CpuState& before, const model::Event& event) const
{
    return wish_.kind == Wish::Kind::KernelFaults && !explanations_.empty() && explained_ &&
           explained_->before.rip == before.rip && explained_->before.cpl == before.cpl &&
           explained_->event.vector == event.vector && explained_->event.cr2 == event.cr2 &&
           explained_->event.error_code == event.error_code;
}

void FaultWatch::on_event(std::uint64_t count, const model::CpuState& before, const model::Event& event)
{
    using Kind = Wish::Kind;
    const auto exception = [&] { // of its own, or raised by its delivery
        return event.origin == model::Event::Origin::Exception || explainer_.fails(before, event);
    };
    const bool wanted = wish_.kind == Kind::AtCount         ? count == wish_.count
                        : wish_.kind == Kind::LastException ? exception()
                                                            : before.cpl == 0 && exception();
    event_explained_ = wanted;
    if (before.cpl == 3 && event.origin == model::Event::Origin::Exception) {
        user_exception_ = count;
    }
    last_ = {count, before, event};
    if (!wanted) {
        return;
    }
    if (repeats(before, event)) {
        ++explanations_.back().repeated;
        event_explained_ = false;
        return;
    }
    explained_ = last_;
    if (wish_.kind == Kind::LastException) {
        explanations_.clear();
        frames_.clear();
    }
    explanations_.push_back(explainer_.event(count, before, event, processes_.program_with_cr3(before.cr3), history_));
    if (wish_.kind == Kind::LastException && before.cpl == 3) {
        of_user_ = explanations_.back();
    }
}

std::vector<Explanation> FaultWatch::explanations() const
{
    if (fatal_) {
        return {*fatal_};
    }
    std::vector<Explanation> all = explanations_;
    for (Explanation& one : all) {
        one.served = wish_.kind == Wish::Kind::LastException && all_served();
    }
    return all;
}

std::optional<Explanation> FaultWatch::shutdown() const
{
    // Nothing was delivered, so registers and memory are still as the event found them.
    if (!last_) {
        return std::nullopt;
    }
    return explainer_.event(last_->count, last_->before, last_->event, processes_.program_with_cr3(last_->before.cr3),
                            history_);
}

void FaultWatch::on_transition(const Transition& transition)
{
    const bool is_event = transition.vector.has_value();
    const bool last_only = wish_.kind == Wish::Kind::LastException;
    if (transition.after.cpl == 3) {
        user_exception_.reset();
        of_user_.reset();
        if (last_only && last_ && last_->before.cpl == 3) {
            frames_.clear(); // a kernel need not go back by the frame that it was entered with
        }
    }
    if (wish_.kind == Wish::Kind::AtCount && !is_event && transition.count == wish_.count) {
        explanations_.push_back(explainer_.transition(transition, processes_.program_with_cr3(transition.before.cr3)));
    }
    if (wish_.kind == Wish::Kind::KernelFaults || last_only) {
        constexpr std::uint64_t kWord = sizeof(std::uint64_t);
        if (is_event && event_explained_) {
            frames_.push_back(transition.after[model::Gpr::Rsp] + (transition.error_code ? kWord : 0));
            if (frames_.size() > kMostKept) {
                frames_.erase(frames_.begin());
                explanations_.erase(explanations_.begin());
            }
        } else if (transition.kind == TransitionKind::Iret) {
            const auto popped = std::ranges::find(frames_, transition.before[model::Gpr::Rsp]);
            const auto index = popped - frames_.begin();
            frames_.erase(popped, frames_.end());
            if (!last_only) {
                explanations_.erase(explanations_.begin() + index, explanations_.end());
            }
        }
    }
    event_explained_ = false;
    history_.note(transition);
}

void FaultWatch::on_process_ended(std::uint64_t /*count*/, const Process& /*process*/, const model::CpuState& /*state*/)
{
    user_exception_.reset();
    if (of_user_) {
        fatal_ = std::exchange(of_user_, std::nullopt);
        frames_.clear();
    }
}

} // namespace ringcheck
