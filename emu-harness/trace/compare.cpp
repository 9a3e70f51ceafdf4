// SPDX-License-Identifier: GPL-2.0-or-later
// Events are compared one by one; two that differ are compared part by part to say where.
#include "trace/compare.h"

#include "trace/trace_print.h"

#include <fmt/format.h>

#include <algorithm>

namespace ringcheck {
namespace {

constexpr std::size_t kContextEvents = 2;

struct Place {
    std::size_t column = 0;
    std::string part;
};

/// Where two calls differ, as a column of the actual one's text.
Place find_place(const SyscallEvent& expected, const SyscallEvent& actual)
{
    if (expected.name != actual.name) {
        return {0, "call"};
    }
    std::size_t column = actual.name.size() + 1;
    for (std::size_t i = 0; i < actual.arguments.size(); ++i) {
        if (i >= expected.arguments.size() || expected.arguments[i] != actual.arguments[i]) {
            return {column, fmt::format("argument {}", i + 1)};
        }
        column += print_argument(actual.arguments[i]).size() + (i + 1 < actual.arguments.size() ? 2 : 0);
    }
    if (expected.arguments.size() != actual.arguments.size()) {
        return {column, fmt::format("argument {} is missing", actual.arguments.size() + 1)};
    }
    const bool printed = !std::holds_alternative<NoResult>(actual.result);
    return {column + (printed ? 4 : 1), "result"}; // behind ") = ", or behind ")"
}

Place find_place(const FaultEvent& expected, const FaultEvent& actual)
{
    if (expected.exception != actual.exception) {
        return {0, "exception"};
    }
    const std::size_t column = actual.exception.size() + 1;
    if (expected.access != actual.access) {
        const bool same_kind = expected.access && actual.access && expected.access->kind == actual.access->kind;
        const std::string body = print_event_body({actual, 0});
        return same_kind ? Place{body.find(' ', column) + 1, "address"} : Place{column, "access"};
    }
    return {print_event_body({actual, 0}).rfind(' ') + 1, "place"};
}

Place find_place(const EnterEvent&, const EnterEvent&)
{
    return {0, "entry point"};
}

Place find_place(const ExitEvent& expected, const ExitEvent& actual)
{
    const bool same_way = expected.signal.empty() == actual.signal.empty();
    return {same_way ? print_event_body({actual, 0}).rfind(' ') + 1 : 0, same_way ? "result" : "way to end"};
}

Place find_place(const Event& expected, const Event& actual)
{
    return std::visit(
        [&actual](const auto& one) { return find_place(one, std::get<std::decay_t<decltype(one)>>(actual.what)); },
        expected.what);
}

Difference differ(const Event* expected, const Event* actual, const std::string& actual_end)
{
    Difference difference;
    if (expected == nullptr) {
        difference.summary = fmt::format("the trace ends here, the program went on with {}", event_word(*actual));
        difference.expected = "nothing more";
        difference.actual = print_event(*actual);
    } else if (actual == nullptr) {
        difference.summary = fmt::format("{} did not happen", event_word(*expected));
        difference.expected = print_event(*expected);
        difference.actual = actual_end.empty() ? "nothing more" : actual_end;
    } else if (event_word(*expected) != event_word(*actual)) {
        difference.summary = fmt::format("{} where the recording has {}", event_word(*actual), event_word(*expected));
        difference.expected = print_event(*expected);
        difference.actual = print_event(*actual);
    } else {
        const Place place = find_place(*expected, *actual);
        difference.summary = fmt::format("{} differs from the recording", event_word(*expected));
        difference.expected = print_event_body(*expected);
        difference.actual = print_event_body(*actual);
        difference.caret = place.column;
        difference.part = place.part;
    }
    return difference;
}

} // namespace

std::optional<Difference> compare_traces(const Trace& expected, const Trace& actual, const std::string& actual_end)
{
    const auto [one, other] = std::ranges::mismatch(expected.events, actual.events);
    const bool expected_ends = one == expected.events.end(), actual_ends = other == actual.events.end();
    if (expected_ends && actual_ends) {
        return std::nullopt;
    }
    Difference difference = differ(expected_ends ? nullptr : &*one, actual_ends ? nullptr : &*other, actual_end);
    difference.line = !expected_ends ? one->line : expected.events.empty() ? 1 : expected.events.back().line;
    const auto alike = static_cast<std::size_t>(one - expected.events.begin());
    for (std::size_t i = alike - std::min(alike, kContextEvents); i < alike; ++i) {
        difference.before.push_back(print_event(expected.events[i]));
    }
    return difference;
}

std::string format_difference(const std::string& path, const Difference& difference, const std::string& note)
{
    std::string text = fmt::format("{}:{}: error: {}\n", path, difference.line, difference.summary);
    for (const std::string& line : difference.before) {
        text += fmt::format("  after     {}\n", line);
    }
    text += fmt::format("  expected  {}\n  actual    {}\n", difference.expected, difference.actual);
    if (difference.caret) {
        text += fmt::format("{:{}}^ {}\n", "", 12 + *difference.caret, difference.part);
    }
    return note.empty() ? text : text + "note: " + note + "\n";
}

} // namespace ringcheck
