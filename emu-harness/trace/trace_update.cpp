// SPDX-License-Identifier: GPL-2.0-or-later
// The longest common subsequence of the two says which lines stay; those between two that stay are changed one by one.
#include "trace/trace_update.h"

#include "trace/compare.h"
#include "trace/trace_print.h"

#include <algorithm>
#include <map>
#include <optional>
#include <span>

namespace ringcheck {
namespace {

using Events = std::vector<Event>;

/// A line of the new trace: from one of the old, of what happened, or both.
struct Pair {
    const Event* before = nullptr;
    std::optional<Event> after;
};

SyscallEvent merge(const SyscallEvent& expected, const SyscallEvent& actual)
{
    SyscallEvent merged = actual;
    if (expected.name == actual.name && expected.arguments.size() == actual.arguments.size()) {
        for (std::size_t i = 0; i < actual.arguments.size(); ++i) {
            merged.arguments[i] =
                alike(expected.arguments[i], actual.arguments[i]) ? expected.arguments[i] : actual.arguments[i];
        }
        merged.result = alike(expected.result, actual.result) ? expected.result : actual.result;
    }
    return merged;
}

HoldsEvent merge(const HoldsEvent& expected, const HoldsEvent& actual)
{
    HoldsEvent merged = actual;
    const auto* const wanted = std::get_if<Structure>(&expected.contents);
    auto* const found = std::get_if<Structure>(&merged.contents);
    for (std::size_t i = 0; wanted != nullptr && found != nullptr && i < found->fields.size(); ++i) {
        if (i < wanted->fields.size() && alike(wanted->fields[i].value, found->fields[i].value)) {
            found->fields[i].value = wanted->fields[i].value;
        }
    }
    return merged;
}

/// What happened, with the patterns of the old line that hold.
Event merge(const Event& expected, const Event& actual)
{
    if (alike(expected, actual)) {
        return expected;
    }
    const auto merged = [&]<typename Kind>(const Kind* one, const Kind* other) {
        return one != nullptr && other != nullptr ? Event{merge(*one, *other), 0} : actual;
    };
    if (std::holds_alternative<HoldsEvent>(actual.what)) {
        return merged(std::get_if<HoldsEvent>(&expected.what), std::get_if<HoldsEvent>(&actual.what));
    }
    return merged(std::get_if<SyscallEvent>(&expected.what), std::get_if<SyscallEvent>(&actual.what));
}

/// Lengths of common subsequences, of what follows each pair of places.
class Common {
public:
    Common(const Events& one, const Events& other) : width_(other.size() + 1), lengths_((one.size() + 1) * width_)
    {
        for (std::size_t i = one.size(); i-- > 0;) {
            for (std::size_t k = other.size(); k-- > 0;) {
                at(i, k) = alike(one[i], other[k]) ? at(i + 1, k + 1) + 1 : std::max(at(i + 1, k), at(i, k + 1));
            }
        }
    }
    unsigned& at(std::size_t i, std::size_t k) { return lengths_[i * width_ + k]; }

private:
    std::size_t width_;
    std::vector<unsigned> lengths_;
};

/// Two stretches without a line in common.
void change(std::vector<Pair>& pairs, std::span<const Event> gone, std::span<const Event> come)
{
    for (std::size_t i = 0; i < std::max(gone.size(), come.size()); ++i) {
        if (i >= gone.size()) {
            pairs.push_back({nullptr, come[i]});
        } else if (i >= come.size()) {
            pairs.push_back({&gone[i], std::nullopt});
        } else {
            pairs.push_back({&gone[i], merge(gone[i], come[i])});
        }
    }
}

std::vector<Pair> align(const Events& expected, const Events& actual)
{
    constexpr std::size_t kMostCompared = 1 << 24;
    std::vector<Pair> pairs;
    if (expected.size() * actual.size() > kMostCompared) {
        change(pairs, expected, actual);
        return pairs;
    }
    Common common(expected, actual);
    std::size_t i = 0, k = 0, gone = 0, come = 0; // the last two: where the stretch without a common line began
    const auto close = [&] {
        change(pairs, std::span(expected).subspan(gone, i - gone), std::span(actual).subspan(come, k - come));
    };
    while (i < expected.size() && k < actual.size()) {
        if (alike(expected[i], actual[k])) {
            close();
            pairs.push_back({&expected[i], expected[i]});
            gone = ++i;
            come = ++k;
        } else if (common.at(i + 1, k) >= common.at(i, k + 1)) {
            ++i;
        } else {
            ++k;
        }
    }
    i = expected.size();
    k = actual.size();
    close();
    return pairs;
}

/// A captured name fits wherever it stands for the first time; all together may not.
void settle_captures(std::vector<Pair>& pairs, const Trace& actual)
{
    for (;;) {
        Trace merged = actual;
        merged.events.clear();
        for (const Pair& pair : pairs) {
            if (pair.after) {
                merged.events.push_back(*pair.after);
                merged.events.back().line = static_cast<unsigned>(merged.events.size());
            }
        }
        const auto difference = compare_traces(merged, actual);
        if (!difference) {
            return;
        }
        auto left = difference->line;
        const auto wrong = std::ranges::find_if(pairs, [&left](const Pair& pair) { return pair.after && --left == 0; });
        wrong->after = actual.events[difference->line - 1];
    }
}

std::string printed(const Event* event)
{
    return event == nullptr ? "" : print_event(*event);
}

} // namespace

TraceUpdate update_trace(std::string_view text, const Trace& expected, const Trace& actual)
{
    std::vector<Pair> pairs = align(expected.events, actual.events);
    settle_captures(pairs, actual);
    TraceUpdate update;
    std::map<unsigned, std::string> lines; // by the number of the old line: what stands there now
    unsigned last = expected.header_end;
    for (const Pair& pair : pairs) {
        const Event* const after = pair.after ? &*pair.after : nullptr;
        const bool stays = pair.before != nullptr && after != nullptr && *pair.before == *after;
        if (pair.before != nullptr) {
            last = pair.before->line;
        }
        if (stays) {
            continue;
        }
        update.changes.push_back({last, printed(pair.before), printed(after)});
        if (pair.before == nullptr && !lines.contains(last)) {
            lines[last] = "\n"; // the old line, and more behind it
        }
        lines[last] += after == nullptr ? "" : print_event(*after) + "\n";
    }
    for (unsigned number = 1; !text.empty(); ++number) {
        const std::string_view line = text.substr(0, text.find('\n') + 1);
        text.remove_prefix(line.size());
        const auto found = lines.find(number);
        if (found == lines.end()) {
            update.text += line;
        } else if (found->second.starts_with('\n')) {
            update.text += line;
            update.text += std::string_view(found->second).substr(1);
        } else {
            update.text += found->second;
        }
    }
    return update;
}

} // namespace ringcheck
