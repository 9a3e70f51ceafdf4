// SPDX-License-Identifier: GPL-2.0-or-later
// What ring 3 finds in the x87 and SSE registers: nothing at first, its own afterwards.
#include "arch/control_registers.h"
#include "watch/rules.h"
#include "watch/rules_list.h"

#include <fmt/format.h>

#include <utility>

namespace ringcheck {
namespace {

using model::FloatState;

/// Two lists of what differs, as far as they fit a line.
std::pair<std::string, std::string> difference(const FloatState& expected, const FloatState& actual)
{
    std::pair<std::string, std::string> texts;
    unsigned left_out = 0;
    const auto add = [&](const std::string& name, const std::string& left, const std::string& right) {
        constexpr std::size_t kEnough = 300;
        if (left == right) {
            return;
        }
        if (texts.first.size() > kEnough) {
            ++left_out;
            return;
        }
        texts.first += fmt::format("{}{} {}", texts.first.empty() ? "" : ", ", name, left);
        texts.second += fmt::format("{}{} {}", texts.second.empty() ? "" : ", ", name, right);
    };
    const auto hex = [](std::uint64_t value) { return fmt::format("{:#x}", value); };
    add("mxcsr", hex(expected.mxcsr), hex(actual.mxcsr));
    add("x87 control", hex(expected.control), hex(actual.control));
    add("x87 status", hex(expected.status), hex(actual.status));
    for (std::size_t n = 0; n < expected.xmm.size(); ++n) {
        const auto text = [](const FloatState::Xmm& value) {
            return fmt::format("0x{:016x}{:016x}", value[1], value[0]);
        };
        add(fmt::format("xmm{}", n), text(expected.xmm[n]), text(actual.xmm[n]));
    }
    for (std::size_t n = 0; n < expected.physical.size(); ++n) {
        const auto text = [n](const FloatState& state) {
            std::string bytes = state.empty[n] ? "empty 0x" : "0x";
            for (std::size_t i = state.physical[n].size(); i-- > 0;) {
                bytes += fmt::format("{:02x}", std::to_integer<unsigned>(state.physical[n][i]));
            }
            return bytes;
        };
        add(fmt::format("x87 R{}", n), text(expected), text(actual));
    }
    if (left_out != 0) {
        texts.first += fmt::format(" and {} more", left_out);
    }
    return texts;
}

} // namespace

void check_floats(RuleReport& report, const RuleContext& context, const UserEntry& entry)
{
    const bool switched_later = (entry.transition.after.cr0 & arch::cr0::kTaskSwitched) != 0; // at the next #NM
    const bool known = entry.left != nullptr && entry.left->floats;
    if (!context.floats || switched_later || (!entry.first && !known)) {
        return;
    }
    static constexpr FloatState kInitial;
    const FloatState now = context.floats();
    const FloatState& expected = entry.first ? kInitial : *entry.left->floats;
    report.require(rules::kUserEntryFloats, now == expected, [&] { return difference(expected, now); });
}

} // namespace ringcheck
