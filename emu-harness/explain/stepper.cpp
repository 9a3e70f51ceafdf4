// SPDX-License-Identifier: GPL-2.0-or-later
// One step of the machine can hold more than an instruction: events come before it, an instruction may fault and the
// handler's first one retire instead, a trap may follow.  The count at which each was told puts them in order.
#include "explain/stepper.h"

#include "watch/log_row.h"

namespace ringcheck {
namespace {

constexpr std::size_t kFlushBytes = 1 << 18;

bool is_event(TransitionKind kind)
{
    return kind == TransitionKind::Exception || kind == TransitionKind::Interrupt || kind == TransitionKind::Nmi;
}

} // namespace

void Stepper::flush()
{
    write_(text_);
    text_.clear();
}

/// @param after  nullptr: the instruction did not retire
void Stepper::tell(const model::CpuState& before, const model::CpuState* after)
{
    const Program& program = processes_.program_with_cr3(before.cr3);
    changes_.clear();
    if (after != nullptr) {
        find_changes(before, *after, changes_);
    }
    format_.step({count_, code_.at(before, program), before, program, after != nullptr, changes_}, text_);
}

void Stepper::on_event(std::uint64_t, const model::CpuState&, const model::Event& event)
{
    by_instruction_ =
        event.origin == model::Event::Origin::Software || event.origin == model::Event::Origin::PrivilegedSoftware;
}

void Stepper::on_transition(const Transition& transition)
{
    if (!stepping_) {
        return;
    }
    LogRow row = to_row(transition, processes_.program_with_cr3(transition.after.cr3));
    const bool before_instruction =
        is_event(transition.kind) && !by_instruction_ && transition.count == count_ && rows_.empty();
    by_instruction_ = false;
    if (!before_instruction) {
        if (is_event(transition.kind) && transition.count > count_ && !trapped_) {
            trapped_ = transition.before;
        }
        rows_.push_back(std::move(row));
        return;
    }
    if (transition.kind == TransitionKind::Exception) {
        tell(before_, nullptr);
        refused_ = true;
    }
    format_.row(row, text_);
    before_ = transition.after;
}

void Stepper::on_process_ended(std::uint64_t count, const Process& process, const model::CpuState& state)
{
    if (stepping_) {
        format_.row(to_row(count, process, state), text_);
    }
}

std::optional<RunEnd> Stepper::one_step()
{
    count_ = machine_.instruction_count();
    rows_.clear();
    trapped_.reset();
    refused_ = by_instruction_ = false;
    RunEnd end = machine_.run({.instructions = count_ + 1});
    const model::CpuState after = machine_.state();
    if (machine_.instruction_count() > count_) {
        tell(before_, trapped_ ? &*trapped_ : &after);
    } else if (!refused_) {
        tell(before_, nullptr); // it ended the run
    }
    for (const LogRow& row : rows_) {
        format_.row(row, text_);
    }
    before_ = after;
    return end.kind == EndKind::InstructionLimit ? std::nullopt : std::optional{std::move(end)};
}

std::optional<RunEnd> Stepper::run(std::uint64_t steps)
{
    before_ = machine_.state();
    stepping_ = true;
    std::optional<RunEnd> end;
    for (std::uint64_t done = 0; done < steps && !end; ++done) {
        end = one_step();
        if (text_.size() >= kFlushBytes) {
            flush();
        }
    }
    stepping_ = false;
    flush();
    return end;
}

} // namespace ringcheck
