// SPDX-License-Identifier: GPL-2.0-or-later
// What is kept of a transition, and which rows belong to a program.
#include "watch/transition_log.h"

#include "arch/exception.h"
#include "watch/log_row.h"

#include <algorithm>

namespace ringcheck {
namespace {

RowSide side_of(const model::CpuState& state)
{
    return {state.cpl, state.rip, state[model::Gpr::Rsp], state.cr3, state.gs.base};
}

} // namespace

LogRow to_row(const Transition& transition, Program program)
{
    LogRow row{.count = transition.count,
               .kind = transition.kind,
               .vector = transition.vector,
               .error_code = transition.error_code,
               .cr2 = {},
               .from = side_of(transition.before),
               .to = side_of(transition.after),
               .program = std::move(program),
               .process_id = {},
               .wait_status = {}};
    if (transition.kind == TransitionKind::Exception &&
        transition.vector == static_cast<std::uint8_t>(arch::Vector::PageFault)) {
        row.cr2 = transition.after.cr2;
    }
    return row;
}

LogRow to_row(std::uint64_t count, const Process& ended, const model::CpuState& state)
{
    return {.count = count,
            .kind = {},
            .vector = {},
            .error_code = {},
            .cr2 = {},
            .from = side_of(state),
            .to = side_of(state),
            .program = ended.program,
            .process_id = ended.id,
            .wait_status = ended.wait_status};
}

void TransitionLog::keep(LogRow row)
{
    if (rows_.size() < kMaximumRows) {
        rows_.push_back(std::move(row));
    } else {
        ++dropped_;
    }
}

void TransitionLog::on_transition(const Transition& transition)
{
    ++totals_.at(static_cast<std::size_t>(transition.kind));
    crossings_ += transition.changes_ring();
    if (filter_ == LogFilter::Normal && transition.kind == TransitionKind::GsSwap) {
        return;
    }
    keep(to_row(transition, processes_.program_with_cr3(transition.after.cr3)));
}

void TransitionLog::on_process_ended(std::uint64_t count, const Process& process, const model::CpuState& state)
{
    keep(to_row(count, process, state));
}

std::vector<LogRow> TransitionLog::of_program(const std::string& program) const
{
    const auto first = std::ranges::find_if(
        rows_, [&program](const LogRow& row) { return row.to.cpl == 3 && row.program.name == program; });
    // Its children have its name: of several ends the last one counts.
    const auto last = std::find_if(rows_.rbegin(), std::make_reverse_iterator(first),
                                   [&program](const LogRow& row) { return !row.kind && row.program.name == program; });
    return {first, last.base() == first ? rows_.end() : last.base()};
}

} // namespace ringcheck
