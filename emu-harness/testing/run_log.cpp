// SPDX-License-Identifier: GPL-2.0-or-later
#include "testing/run_log.h"

#include "watch/log_row.h"
#include "watch/transition_format.h"

namespace ringcheck::testing {
namespace {

std::optional<InterruptFrame> frame_of(GuestMemory& memory, const Transition& transition)
{
    if (!transition.vector || !transition.after.in_64_bit_mode()) {
        return std::nullopt;
    }
    std::uint64_t address = transition.after[model::Gpr::Rsp] + (transition.error_code ? sizeof(std::uint64_t) : 0);
    InterruptFrame frame{};
    for (std::uint64_t& word : frame) {
        const auto read = memory.read_u64(transition.after, arch::VirtAddr{address});
        if (!read) {
            return std::nullopt;
        }
        word = *read;
        address += sizeof word;
    }
    return frame;
}

} // namespace

void RunLog::on_transition(const Transition& transition)
{
    entries_.push_back({transition, processes_.program_with_cr3(transition.after.cr3), frame_of(memory_, transition)});
}

std::string RunLog::describe(const LoggedTransition& entry) const
{
    const LogRow row = to_row(entry.transition, entry.program);
    return format_table({&row, 1}, symbols_);
}

} // namespace ringcheck::testing
