// SPDX-License-Identifier: MIT
#include "stress/health.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace stress {
namespace {

/// The first line that differs.
std::string first_difference(const std::vector<std::string>& before, const std::vector<std::string>& after)
{
    const auto [was, is] = std::ranges::mismatch(before, after);
    return fmt::format("'{}', which was '{}'", is == after.end() ? "" : *is, was == before.end() ? "" : *was);
}

} // namespace

Health Health::of(std::span<const attack::Command> commands)
{
    if (commands.size() < kHealthLines.size()) {
        return {};
    }
    const auto last = commands.last(kHealthLines.size());
    if (!std::ranges::equal(last, kHealthLines, {}, &attack::Command::line)) {
        return {};
    }
    return {last[0].output, last[1].output, attack::names(last[2])};
}

std::string difference(const Health& before, const Health& after)
{
    if (!before.known() || !after.known()) {
        return "the shell does not say how the kernel is";
    }
    if (after.slots != before.slots) {
        return first_difference(before.slots, after.slots);
    }
    if (after.memory != before.memory) {
        return first_difference(before.memory, after.memory);
    }
    if (after.names != before.names) {
        return fmt::format("there are [{}], there were [{}]", fmt::join(after.names, ", "),
                           fmt::join(before.names, ", "));
    }
    return "";
}

} // namespace stress
