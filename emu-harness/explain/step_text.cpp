// SPDX-License-Identifier: GPL-2.0-or-later
#include "arch/rflags.h"
#include "explain/step.h"
#include "watch/transition_format.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>

namespace ringcheck {
namespace {

constexpr std::size_t kCountWidth = 10, kStackWidth = 22, kAtWidth = 34, kTextWidth = 34;
/// Where the column of RIPs begins.
constexpr std::size_t kAtColumn = kCountWidth + 2 + 4 + 2 + 4 + 2 + kStackWidth + 2;

void pad(std::string& text, std::size_t from, std::size_t width)
{
    const std::size_t used = text.size() - from;
    text.append(used < width ? width - used : 0, ' ');
    text += "  ";
}

void add_change(std::string& text, const RegisterChange& change)
{
    text += ' ';
    text += change.name;
    text += change.is_flag ? "=" : "=0x";
    std::array<char, 16> digits{};
    text.append(digits.data(), std::to_chars(digits.begin(), digits.end(), change.value, 16).ptr);
}

std::string change(const std::string& from, const std::string& to)
{
    return from == to ? to : fmt::format("{} → {}", from, to);
}

} // namespace

std::string StepText::heading()
{
    return fmt::format("{:>{}}  ring  IADT  {:<{}}  {:<{}}  {:<{}}   changes\n", "count", kCountWidth, "stack",
                       kStackWidth, "at", kAtWidth, "instruction", kTextWidth);
}

const std::string& StepText::stack_name(std::uint64_t rsp, const Program& program)
{
    Stack& entry = stacks_[(rsp >> 3) % kStacks];
    if (entry.name.empty() || entry.rsp != rsp || entry.places != program.places) {
        entry = {rsp, program.places, symbols_.stack(rsp, program)};
    }
    return entry.name;
}

void StepText::step(const Step& step, std::string& text)
{
    if (!step.code.source.empty() && step.code.source != source_) {
        source_ = step.code.source;
        text.append(kAtColumn, ' ');
        text += source_;
        text += '\n';
    }
    namespace flag = arch::rflags;
    const std::uint64_t flags = step.before.rflags;
    const auto lane = [flags](char name, std::uint64_t mask) { return (flags & mask) != 0 ? name : '-'; };
    // By hand: this line is printed some million times, and fmt would be a tenth of what it costs.
    std::array<char, 20> digits{};
    const char* const end = std::to_chars(digits.begin(), digits.end(), step.count).ptr;
    const auto length = static_cast<std::size_t>(end - digits.data());
    text.append(kCountWidth - std::min(length, kCountWidth), ' ').append(digits.data(), length).append(5, ' ');
    text += static_cast<char>('0' + step.before.cpl);
    text += "  ";
    text += lane('I', flag::kInterrupt);
    text += lane('A', flag::kAlignmentCheck);
    text += lane('D', flag::kDirection);
    text += lane('T', flag::kTrap);
    text += "  ";
    std::size_t column = text.size();
    text += stack_name(step.before[model::Gpr::Rsp], step.program);
    pad(text, column, kStackWidth);
    column = text.size();
    text += step.code.at;
    pad(text, column, kAtWidth);
    column = text.size();
    text += step.code.text;
    if (!step.retired) {
        pad(text, column, kTextWidth);
        text += " does not retire";
    } else if (!step.changes.empty()) {
        pad(text, column, kTextWidth);
        for (const RegisterChange& one : step.changes) {
            add_change(text, one);
        }
    }
    text += '\n';
}

void StepText::row(const LogRow& row, std::string& text)
{
    source_.clear(); // wherever it goes, its line is shown
    fmt::format_to(std::back_inserter(text), "{:>{}}  ", row.count, kCountWidth);
    if (!row.kind) {
        fmt::format_to(std::back_inserter(text), "==== exit of {}[{}], {}\n", row.program.name,
                       row.process_id.value_or(0), describe_exit(row.wait_status.value_or(0), symbols_.guest()));
        return;
    }
    const auto side = [&](const RowSide& one) { return symbols_.code(one.rip, one.cpl, row.program); };
    const std::string event = describe_event(row, symbols_);
    const std::string ring =
        row.from.cpl == row.to.cpl ? fmt::format("{}", row.to.cpl) : fmt::format("{}→{}", row.from.cpl, row.to.cpl);
    fmt::format_to(std::back_inserter(text), "==== {}{}{}, ring {}, {}, stack {}", to_string(*row.kind),
                   event.empty() ? "" : " ", event, ring, change(side(row.from), side(row.to)),
                   change(symbols_.stack(row.from.rsp, row.program), symbols_.stack(row.to.rsp, row.program)));
    if (row.from.cr3 != row.to.cr3) {
        fmt::format_to(std::back_inserter(text), ", cr3 {:#x} → {:#x}", row.from.cr3, row.to.cr3);
    }
    text += '\n';
}

} // namespace ringcheck
