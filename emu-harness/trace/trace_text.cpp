// SPDX-License-Identifier: GPL-2.0-or-later
#include "trace/trace_text.h"

#include "trace/strace_words.h"
#include "trace/trace_print.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <map>

namespace ringcheck {
namespace {

/// "Bad file descriptor" for "EBADF"; "" for a name that the C library does not know.
std::string error_text(const std::string& name)
{
    constexpr int kLast = 4095;
    for (int number = 1; number <= kLast; ++number) {
        const char* const known = strerrorname_np(number);
        if (known != nullptr && name == known) {
            return strerrordesc_np(number);
        }
    }
    return "";
}

/// How many arguments strace prints: a file that is not made has no mode.
std::size_t strace_arguments(const SyscallEvent& event)
{
    constexpr std::uint64_t kCreate = 0100;
    const std::size_t flags = event.name == "open" ? 1 : event.name == "openat" ? 2 : event.arguments.size();
    const auto* const number =
        flags + 1 < event.arguments.size() ? std::get_if<Integer>(&event.arguments[flags]) : nullptr;
    const bool has_no_mode = number != nullptr && (number->magnitude & kCreate) == 0;
    return has_no_mode ? flags + 1 : event.arguments.size();
}

std::string as_strace(const SyscallEvent& event)
{
    constexpr int kColumn = 39; // of the blank before '='
    std::string result = print_result(event.result);
    std::string call = event.name + "(";
    for (std::size_t i = 0; i < strace_arguments(event); ++i) {
        const auto* const number = std::get_if<Integer>(&event.arguments[i]);
        const std::uint64_t word = number == nullptr ? 0 : number->negative ? 0 - number->magnitude : number->magnitude;
        const auto name = number == nullptr ? std::nullopt : strace_word(event.name, i, word);
        call += (i == 0 ? "" : ", ") + name.value_or(print_argument(event.arguments[i]));
    }
    call += ")";
    if (const auto* const error = std::get_if<ErrorResult>(&event.result)) {
        const std::string text = error_text(error->name);
        result += text.empty() ? "" : fmt::format(" ({})", text);
    } else if (std::holds_alternative<NoResult>(event.result)) {
        result = " = ?";
    }
    return fmt::format("{:<{}}{}\n", call, kColumn, result);
}

} // namespace

std::string lay_out(std::string_view text, const Trace& trace)
{
    std::map<unsigned, const Event*> events;
    for (const Event& event : trace.events) {
        events[event.line] = &event;
    }
    const std::vector<std::string> header = print_header(trace);
    auto next = header.begin();
    std::string result;
    for (unsigned number = 1; !text.empty(); ++number) {
        const std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(line.size() + 1);
        const std::size_t first = line.find_first_not_of(" \t");
        if (const auto event = events.find(number); event != events.end()) {
            result += print_event(*event->second);
        } else if (first != std::string_view::npos && line[first] == '#') {
            result += line.substr(first, line.find_last_not_of(" \t") + 1 - first);
        } else if (first != std::string_view::npos) {
            result += *next++;
        }
        result += '\n';
    }
    return result;
}

std::string print_as_strace(const Trace& trace)
{
    std::string text;
    for (const Event& event : without_children(trace).events) {
        if (const auto* const call = std::get_if<SyscallEvent>(&event.what)) {
            text += as_strace(*call);
        } else if (const auto* const end = std::get_if<ExitEvent>(&event.what)) {
            text += end->signal.empty() ? fmt::format("+++ exited with {} +++\n", end->status)
                                        : fmt::format("+++ killed by {} +++\n", end->signal);
        }
    }
    return text;
}

std::string summarise(const Trace& trace)
{
    struct Counts {
        unsigned calls = 0, errors = 0;
    };
    std::map<std::string, Counts> calls;
    unsigned faults = 0, children = 0;
    const Event* end = nullptr;
    std::size_t width = std::strlen("call");
    for (const Event& event : trace.events) {
        if (const auto* const call = std::get_if<SyscallEvent>(&event.what)) {
            Counts& counts = calls[call->name];
            ++counts.calls;
            counts.errors += std::holds_alternative<ErrorResult>(call->result) ? 1 : 0;
            width = std::max(width, call->name.size());
        } else if (std::holds_alternative<FaultEvent>(event.what)) {
            ++faults;
        } else if (std::holds_alternative<ChildEvent>(event.what)) {
            ++children;
        } else if (std::holds_alternative<ExitEvent>(event.what) && end == nullptr) {
            end = &event; // the program's own
        }
    }
    std::string text = fmt::format("{}: {} events, {} faults, {}{}\n", trace.program, trace.events.size(), faults,
                                   trace.setting.children ? fmt::format("{} children, ", children) : "",
                                   end == nullptr ? "no end" : print_event_body(*end));
    if (!calls.empty()) {
        text += fmt::format("  {:<{}}  {:>7}  {:>7}\n", "call", width, "made", "failed");
    }
    for (const auto& [name, counts] : calls) {
        text += fmt::format("  {:<{}}  {:>7}  {:>7}\n", name, width, counts.calls, counts.errors);
    }
    return text;
}

} // namespace ringcheck
