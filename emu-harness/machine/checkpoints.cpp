// SPDX-License-Identifier: GPL-2.0-or-later
#include "machine/checkpoints.h"

#include <fmt/format.h>

#include <algorithm>

namespace ringcheck {

std::expected<void, std::string> Checkpoints::keep()
{
    if (kept_.size() == kMost) {
        for (std::size_t index = 1; index < kept_.size(); ++index) {
            kept_.erase(kept_.begin() + static_cast<std::ptrdiff_t>(index));
        }
        spacing_ *= 2;
    }
    auto snapshot = machine_.snapshot();
    if (!snapshot) {
        return std::unexpected(snapshot.error());
    }
    kept_.push_back(std::move(*snapshot));
    return {};
}

std::expected<RunEnd, std::string> Checkpoints::run(const RunLimits& limits)
{
    for (;;) {
        const std::uint64_t count = machine_.instruction_count();
        if (kept_.empty() || count >= kept_.back().instruction_count() + spacing_) {
            if (auto kept = keep(); !kept) {
                return std::unexpected(kept.error());
            }
        }
        const std::uint64_t next = kept_.back().instruction_count() + spacing_;
        RunEnd end = machine_.run({std::min(next, limits.instructions), limits.idle_nanoseconds});
        if (end.kind != EndKind::InstructionLimit || next >= limits.instructions) {
            return end;
        }
    }
}

std::expected<void, std::string> Checkpoints::go_back_to(std::uint64_t count)
{
    const auto behind = std::ranges::upper_bound(kept_, count, {}, &Snapshot::instruction_count);
    if (behind == kept_.begin() || count > machine_.instruction_count()) {
        return std::unexpected(fmt::format("nothing is known of the machine after {} instructions", count));
    }
    kept_.erase(behind, kept_.end());
    if (auto restored = machine_.restore(kept_.back()); !restored) {
        return restored;
    }
    RunEnd end;
    do {
        end = machine_.run({.instructions = count});
    } while (end.kind == EndKind::WatchedAddress);
    if (end.kind != EndKind::InstructionLimit) {
        return std::unexpected(fmt::format("the way to instruction {} ended otherwise: {}", count, end.text));
    }
    return {};
}

} // namespace ringcheck
