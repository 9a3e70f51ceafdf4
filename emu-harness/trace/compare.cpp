// SPDX-License-Identifier: GPL-2.0-or-later
// Events are compared one by one; two that differ are compared part by part to say where.
#include "trace/compare.h"

#include "trace/trace_print.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace ringcheck {
namespace {

constexpr std::size_t kContextEvents = 2;

struct Place {
    std::size_t column = 0;
    std::string part;
};

/// What the names that an expected trace captures stand for, as far as the comparison has come.
class Captures {
public:
    /// Binds names that `expected` has and that stand for nothing yet.
    template <typename Value> bool match(const Value& expected, const Value& actual)
    {
        if (std::holds_alternative<Anything>(expected)) {
            return true;
        }
        if (const auto* const captured = std::get_if<Captured>(&expected)) {
            return expected == actual || match(*captured, actual);
        }
        return expected == actual;
    }
    bool match(const SyscallEvent& expected, const SyscallEvent& actual)
    {
        const auto alike = [this](const Argument& one, const Argument& other) { return match(one, other); };
        return expected.name == actual.name && std::ranges::equal(expected.arguments, actual.arguments, alike) &&
               match(expected.result, actual.result);
    }
    bool match(const Structure& expected, const Structure& actual)
    {
        return std::ranges::equal(expected.fields, actual.fields,
                                  [this](const StructureField& one, const StructureField& other) {
                                      return one.name == other.name && match(one.value, other.value);
                                  });
    }
    bool match(const HoldsEvent& expected, const HoldsEvent& actual)
    {
        if (expected.name != actual.name || std::holds_alternative<Anything>(expected.contents)) {
            return expected.name == actual.name;
        }
        const auto* const one = std::get_if<Structure>(&expected.contents);
        const auto* const other = std::get_if<Structure>(&actual.contents);
        return one != nullptr && other != nullptr ? match(*one, *other) : expected == actual;
    }
    bool match(const Event& expected, const Event& actual)
    {
        const auto* const held = std::get_if<HoldsEvent>(&expected.what);
        if (const auto* const holds = std::get_if<HoldsEvent>(&actual.what); held != nullptr && holds != nullptr) {
            return match(*held, *holds);
        }
        const auto* const fault = std::get_if<FaultEvent>(&expected.what);
        if (fault != nullptr && fault->is_any()) {
            return std::holds_alternative<FaultEvent>(actual.what);
        }
        const auto* const call = std::get_if<SyscallEvent>(&expected.what);
        const auto* const made = std::get_if<SyscallEvent>(&actual.what);
        return call != nullptr && made != nullptr ? match(*call, *made) : expected == actual;
    }
    /// " ($map is USER_MAP_TOP-0x1000)", or "" for what is not captured.
    template <typename Value> std::string explain(const Value& expected) const
    {
        const auto* const captured = std::get_if<Captured>(&expected);
        const auto bound = captured == nullptr ? bound_.end() : bound_.find(captured->name);
        return bound == bound_.end() ? "" : fmt::format(" (${} is {})", bound->first, print_argument(bound->second));
    }

private:
    template <typename Value> bool match(const Captured& captured, const Value& actual)
    {
        std::optional<Argument> base;
        if (const auto* const number = std::get_if<Integer>(&actual); number != nullptr && !number->negative) {
            base = Integer{false, number->magnitude - static_cast<std::uint64_t>(captured.offset)};
        } else if (const auto* const raw = std::get_if<RawAddress>(&actual)) {
            base = RawAddress{raw->value - static_cast<std::uint64_t>(captured.offset)};
        } else if (const auto* const named = std::get_if<NamedAddress>(&actual)) {
            const auto offset = static_cast<std::uint64_t>(named->offset) - static_cast<std::uint64_t>(captured.offset);
            base = NamedAddress{named->name, static_cast<std::int64_t>(offset)};
        }
        return base && bound_.try_emplace(captured.name, *base).first->second == *base;
    }

    std::map<std::string, Argument> bound_;
};

/// Where two calls differ, as a column of the actual one's text.
Place find_place(const SyscallEvent& expected, const SyscallEvent& actual, Captures captures)
{
    if (expected.name != actual.name) {
        return {0, "call"};
    }
    std::size_t column = actual.name.size() + 1;
    for (std::size_t i = 0; i < actual.arguments.size(); ++i) {
        if (i >= expected.arguments.size() || !captures.match(expected.arguments[i], actual.arguments[i])) {
            const bool is_there = i < expected.arguments.size();
            return {column,
                    fmt::format("argument {}{}", i + 1, is_there ? captures.explain(expected.arguments[i]) : "")};
        }
        column += print_argument(actual.arguments[i]).size() + (i + 1 < actual.arguments.size() ? 2 : 0);
    }
    if (expected.arguments.size() != actual.arguments.size()) {
        return {column, fmt::format("argument {} is missing", actual.arguments.size() + 1)};
    }
    const bool printed = !std::holds_alternative<NoResult>(actual.result);
    // Behind ") = ", or behind ")".
    return {column + (printed ? 4 : 1), "result" + captures.explain(expected.result)};
}

Place find_place(const FaultEvent& expected, const FaultEvent& actual, const Captures&)
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

Place find_place(const EnterEvent&, const EnterEvent&, const Captures&)
{
    return {0, "entry point"};
}

Place find_place(const ExecuteEvent& expected, const ExecuteEvent& actual, const Captures&)
{
    const bool same = expected.program == actual.program;
    return {same ? actual.program.size() + 1 : 0, same ? "entry point" : "program"};
}

Place find_place(const SignalEvent& expected, const SignalEvent& actual, const Captures&)
{
    const bool same = expected.name == actual.name;
    return {same ? actual.name.size() + 1 : 0, same ? "handler" : "signal"};
}

Place find_place(const ExitEvent& expected, const ExitEvent& actual, const Captures&)
{
    const bool same_way = expected.signal.empty() == actual.signal.empty();
    return {same_way ? print_event_body({actual, 0}).rfind(' ') + 1 : 0, same_way ? "result" : "way to end"};
}

Place find_place(const MemoryEvent&, const MemoryEvent&, const Captures&)
{
    return {0, "memory"};
}

Place find_place(const ChildEvent&, const ChildEvent&, const Captures&)
{
    return {0, "child"};
}

Place find_place(const SwitchEvent&, const SwitchEvent&, const Captures&)
{
    return {0, "process"};
}

Place find_place(const InjectEvent& expected, const InjectEvent& actual, const Captures&)
{
    const bool same = expected.injection == actual.injection;
    return {same ? print_event_body({actual, 0}).rfind(' ') + 1 : 0, same ? "place" : "event"};
}

Place find_place(const HoldsEvent& expected, const HoldsEvent& actual, Captures captures)
{
    if (expected.name != actual.name) {
        return {0, "name"};
    }
    const std::size_t begin = actual.name.size() + 1;
    if (const auto* const bytes = std::get_if<Buffer>(&actual.contents)) {
        const auto* const wanted = std::get_if<Buffer>(&expected.contents);
        const std::string_view other = wanted == nullptr ? std::string_view() : std::string_view(wanted->bytes);
        const auto same = std::ranges::mismatch(bytes->bytes, other).in1 - bytes->bytes.begin();
        const std::string before =
            escape_bytes(std::string_view(bytes->bytes).substr(0, static_cast<std::size_t>(same)));
        return {begin + before.size() - 1, fmt::format("byte {}", same)}; // without the quote at its end
    }
    const auto* const structure = std::get_if<Structure>(&actual.contents);
    const auto* const wanted = std::get_if<Structure>(&expected.contents);
    std::size_t column = begin + 1;
    for (std::size_t i = 0; structure != nullptr && wanted != nullptr && i < structure->fields.size(); ++i) {
        const StructureField& field = structure->fields[i];
        column += field.name.size() + 1;
        if (i >= wanted->fields.size() || !captures.match(wanted->fields[i].value, field.value)) {
            return {column, field.name};
        }
        column += std::visit([](const auto& value) { return print_argument(value).size(); }, field.value) + 2;
    }
    return {begin, "contents"};
}

Place find_place(const Event& expected, const Event& actual, const Captures& captures)
{
    return std::visit(
        [&](const auto& one) { return find_place(one, std::get<std::decay_t<decltype(one)>>(actual.what), captures); },
        expected.what);
}

Difference differ(const Event* expected, const Event* actual, const std::string& actual_end, const Captures& captures)
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
        const auto* const inject = std::get_if<InjectEvent>(&expected->what);
        difference.summary =
            inject != nullptr
                ? fmt::format("the program did not come to {} before its next event", print_address(inject->at))
                : fmt::format("{} where the recording has {}", event_word(*actual), event_word(*expected));
        difference.expected = print_event(*expected);
        difference.actual = print_event(*actual);
    } else {
        const Place place = find_place(*expected, *actual, captures);
        difference.summary = fmt::format("{} differs from the recording", event_word(*expected));
        difference.expected = print_event_body(*expected);
        difference.actual = print_event_body(*actual);
        difference.caret = place.column;
        difference.part = place.part;
    }
    return difference;
}

} // namespace

bool alike(const Event& expected, const Event& actual)
{
    return Captures().match(expected, actual);
}

bool alike(const Argument& expected, const Argument& actual)
{
    return Captures().match(expected, actual);
}

bool alike(const SyscallResult& expected, const SyscallResult& actual)
{
    return Captures().match(expected, actual);
}

bool alike(const StructureField::Value& expected, const StructureField::Value& actual)
{
    return Captures().match(expected, actual);
}

namespace {

/// What comes behind the event `at`.
std::vector<std::string> next_events(std::vector<Event>::const_iterator at, std::vector<Event>::const_iterator end)
{
    std::vector<std::string> lines;
    for (at += at == end ? 0 : 1; at != end && lines.size() < kContextEvents; ++at) {
        lines.push_back(print_event(*at));
    }
    return lines;
}

/// @param front  what stands before each
std::string then_lines(std::string_view front, const std::vector<std::string>& lines)
{
    std::string text;
    for (const std::string& line : lines) {
        text += fmt::format("{}{}\n", front, line);
    }
    return text;
}

} // namespace

std::optional<Difference> compare_traces(const Trace& expected, const Trace& actual, const std::string& actual_end)
{
    Captures captures, before;
    auto one = expected.events.begin();
    auto other = actual.events.begin();
    while (one != expected.events.end() && other != actual.events.end() && captures.match(*one, *other)) {
        before = captures;
        ++one;
        ++other;
    }
    const bool expected_ends = one == expected.events.end(), actual_ends = other == actual.events.end();
    if (expected_ends && actual_ends) {
        return std::nullopt;
    }
    Difference difference =
        differ(expected_ends ? nullptr : &*one, actual_ends ? nullptr : &*other, actual_end, before);
    difference.line = !expected_ends ? one->line : expected.events.empty() ? 1 : expected.events.back().line;
    const auto alike = static_cast<std::size_t>(one - expected.events.begin());
    for (std::size_t i = alike - std::min(alike, kContextEvents); i < alike; ++i) {
        difference.before.push_back(print_event(expected.events[i]));
    }
    if (!actual_ends && other->count != 0) {
        difference.count = other->count;
    }
    difference.expected_then = next_events(one, expected.events.end());
    difference.actual_then = next_events(other, actual.events.end());
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
    text += difference.expected_then == difference.actual_then
                ? then_lines("  then      ", difference.actual_then)
                : then_lines("  expected  then ", difference.expected_then) +
                      then_lines("  actual    then ", difference.actual_then);
    return note.empty() ? text : text + "note: " + note + "\n";
}

} // namespace ringcheck
