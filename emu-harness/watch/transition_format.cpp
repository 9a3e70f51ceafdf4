// SPDX-License-Identifier: GPL-2.0-or-later
// A row becomes eight cells; the table pads them, the JSON form names them.
#include "watch/transition_format.h"

#include "arch/exception.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

namespace ringcheck {
namespace {

using Cells = std::array<std::string, 8>;
const Cells kHeader{"count", "kind", "ring", "rip", "stack", "cr3", "gs", "event"};

std::string change(const std::string& from, const std::string& to)
{
    return from == to ? to : fmt::format("{} → {}", from, to);
}

bool in_kernel_half(std::uint64_t address)
{
    return address >> 63 != 0;
}

std::string gs_of(const RowSide& side, const Symbols& symbols)
{
    return in_kernel_half(side.gs_base) ? "kernel " + symbols.data(side.gs_base)
                                        : fmt::format("user {:#x}", side.gs_base);
}

Cells cells_of(const LogRow& row, const Symbols& symbols)
{
    const auto rip = [&](const RowSide& side) { return symbols.code(side.rip, side.cpl, row.program); };
    const bool ring_changes = row.from.cpl != row.to.cpl;
    std::string event = describe_event(row, symbols);
    if (row.wait_status) {
        event = fmt::format("{}[{}] {}", row.program.name, row.process_id.value_or(0),
                            describe_exit(*row.wait_status, symbols.guest()));
    }
    return {fmt::format("{}", row.count),
            row.kind ? to_string(*row.kind) : "exit",
            ring_changes ? fmt::format("{}→{}", row.from.cpl, row.to.cpl) : fmt::format("{}", row.to.cpl),
            change(rip(row.from), rip(row.to)),
            change(symbols.stack(row.from.rsp, row.program), symbols.stack(row.to.rsp, row.program)),
            change(fmt::format("{:#x}", row.from.cr3), fmt::format("{:#x}", row.to.cr3)),
            change(gs_of(row.from, symbols), gs_of(row.to, symbols)),
            event};
}

/// Characters on the screen: the arrow is the only one here that takes more than one byte.
std::size_t width(const std::string& text)
{
    return static_cast<std::size_t>(
        std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

std::string pad(const Cells& cells, const std::array<std::size_t, 8>& widths)
{
    std::string line;
    for (std::size_t i = 0; i < cells.size(); ++i) {
        const std::string padding(widths[i] - width(cells[i]), ' ');
        const bool right = i == 0; // the count, a number
        line += (right ? padding + cells[i] : cells[i] + padding) + "  ";
    }
    line.erase(line.find_last_not_of(' ') + 1);
    return line;
}

/// Alike in everything but their place in time.
bool alike(const LogRow& one, LogRow other)
{
    other.count = one.count;
    return one == other;
}

/// The same exception while the one before is still being delivered or handled: alike but for the stack.
bool deeper(const LogRow& one, LogRow other)
{
    other.from.rsp = one.from.rsp;
    other.to.rsp = one.to.rsp;
    return one.vector && alike(one, other);
}

/// How many rows behind `begin` are the one there again, ever deeper on the stack.
std::size_t count_deeper(std::span<const LogRow> rows, std::size_t begin)
{
    std::size_t end = begin + 1;
    while (end < rows.size() && deeper(rows[begin], rows[end])) {
        ++end;
    }
    return end - begin - 1;
}

struct Repetition {
    std::size_t period = 0, times = 0;
};

/// How often the rows before `begin` come again from there on, for the shortest period that repeats at least twice.
Repetition find_repetition(std::span<const LogRow> rows, std::size_t begin)
{
    constexpr std::size_t kLongestPeriod = 4;
    for (std::size_t period = 1; period <= std::min(kLongestPeriod, begin); ++period) {
        std::size_t end = begin;
        while (end < rows.size() && alike(rows[end], rows[end - period])) {
            ++end;
        }
        if (const std::size_t times = (end - begin) / period; times >= 2) {
            return {period, times};
        }
    }
    return {};
}

std::string describe(const Repetition& repetition)
{
    return repetition.period == 1
               ? fmt::format("... the last row {} times more", repetition.times)
               : fmt::format("... the last {} rows {} times more", repetition.period, repetition.times);
}

nlohmann::ordered_json side_json(const LogRow& row, const RowSide& side, const Symbols& symbols)
{
    return {{"cpl", side.cpl},
            {"rip", fmt::format("{:#x}", side.rip)},
            {"symbol", symbols.code(side.rip, side.cpl, row.program)},
            {"rsp", fmt::format("{:#x}", side.rsp)},
            {"stack", symbols.stack(side.rsp, row.program)},
            {"cr3", fmt::format("{:#x}", side.cr3)},
            {"gs_base", fmt::format("{:#x}", side.gs_base)},
            {"gs", in_kernel_half(side.gs_base) ? "kernel" : "user"}};
}

} // namespace

std::string describe_event(const LogRow& row, const Symbols& symbols)
{
    if (!row.vector) {
        return "";
    }
    // INT 0x15 is no #CP; INT3, INTO and INT1 are the exceptions that they raise.
    constexpr auto kLastOfInt = static_cast<std::uint8_t>(arch::Vector::Overflow);
    const bool is_exception = row.kind != TransitionKind::Interrupt && *arch::mnemonic(*row.vector) != '\0' &&
                              (row.kind != TransitionKind::SoftwareInterrupt || *row.vector <= kLastOfInt);
    std::string text = is_exception ? arch::mnemonic(*row.vector) : fmt::format("vector {}", *row.vector);
    if (row.error_code) {
        text += fmt::format(" error {:#x}", *row.error_code);
    }
    if (row.cr2) {
        text += " cr2 " + symbols.landmark(*row.cr2, row.program).value_or(fmt::format("{:#x}", *row.cr2));
    }
    return text;
}

std::string describe_exit(std::uint64_t wait_status, const GuestDescription& guest)
{
    const unsigned signal = wait_status & 0x7f; // [wait(2) "WIFSIGNALED"]
    if (signal == 0) {
        return fmt::format("status {}", wait_status >> 8 & 0xff);
    }
    const std::string name = guest.signals.find(signal);
    return name.empty() ? fmt::format("killed by signal_{}", signal) : "killed by " + name;
}

std::string format_table(std::span<const LogRow> rows, const Symbols& symbols)
{
    struct Line {
        Cells cells;
        std::string folded; ///< instead of the cells
    };
    std::vector<Line> lines{{kHeader, ""}};
    std::array<std::size_t, kHeader.size()> widths{};
    for (std::size_t i = 0; i < rows.size();) {
        constexpr std::size_t kFew = 3;
        const std::size_t again = count_deeper(rows, i);
        if (const Repetition repetition = find_repetition(rows, i); repetition.times != 0) {
            lines.push_back({{}, describe(repetition)});
            i += repetition.period * repetition.times;
        } else if (again >= kFew) {
            lines.push_back({cells_of(rows[i], symbols), ""});
            lines.push_back({{}, fmt::format("... the same {} times more, each deeper on the stack", again - 1)});
            i += again;
            lines.push_back({cells_of(rows[i++], symbols), ""});
        } else {
            lines.push_back({cells_of(rows[i++], symbols), ""});
        }
    }
    for (const Line& line : lines) {
        for (std::size_t i = 0; i < widths.size(); ++i) {
            widths[i] = std::max(widths[i], width(line.cells[i]));
        }
    }
    std::string text;
    for (const Line& line : lines) {
        text += (line.folded.empty() ? pad(line.cells, widths) : line.folded) + "\n";
    }
    return text;
}

std::string format_json(const LogRow& row, const Symbols& symbols)
{
    nlohmann::ordered_json json{
        {"schema", kJsonSchema}, {"type", row.kind ? "transition" : "exit"}, {"count", row.count}};
    json["program"] = row.program.name;
    if (row.kind) {
        json["kind"] = to_string(*row.kind);
        json["vector"] = row.vector ? nlohmann::ordered_json(*row.vector) : nullptr;
        json["error_code"] = row.error_code ? nlohmann::ordered_json(*row.error_code) : nullptr;
        json["cr2"] = row.cr2 ? nlohmann::ordered_json(fmt::format("{:#x}", *row.cr2)) : nullptr;
        json["from"] = side_json(row, row.from, symbols);
        json["to"] = side_json(row, row.to, symbols);
    } else {
        json["process"] = row.process_id.value_or(0);
        json["wait_status"] = row.wait_status.value_or(0);
        json["result"] = describe_exit(row.wait_status.value_or(0), symbols.guest());
        json["at"] = side_json(row, row.to, symbols);
    }
    return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

} // namespace ringcheck
