// SPDX-License-Identifier: MIT
// Any text as a trace and as a kernel's system call log.  What parses is printed, and what is printed parses to the
// same; an update with what holds changes nothing; a log's runs are traces.
#include "fuzz/require.h"
#include "trace/compare.h"
#include "trace/seal.h"
#include "trace/syscall_log.h"
#include "trace/trace_parse.h"
#include "trace/trace_print.h"
#include "trace/trace_update.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

namespace {

using namespace ringcheck;
using fuzz::require;

void check(const ParseError& error, std::string_view text)
{
    const auto lines = static_cast<std::size_t>(std::ranges::count(text, '\n')) + 1;
    require(error.line >= 1 && error.line <= lines && error.column >= 1, "an error lies in the text");
    require(!error.text.empty() && error.text.find('\n') == std::string::npos, "an error is one line");
}

void check(const Trace& trace)
{
    require(is_program_name(trace.program), "a program has a name");
    const std::string printed = print_trace(trace);
    const auto again = parse_trace(printed);
    require(again.has_value(), "what is printed parses");
    require(*again == trace, "it parses to the same");
    require(print_trace(*again) == printed, "it prints the same");
    require(!compare_traces(*again, trace).has_value(), "a trace does not differ from itself");
}

/// A sealed text means the same, its seal fits, and one changed character of it is found at its line.
void check_seal(std::string text, const Trace& trace)
{
    std::string sealed = with_seal(text);
    const auto parsed = parse_trace(sealed);
    require(parsed.has_value() && *parsed == trace && !parsed->broken_seal, "a seal fits, and says nothing itself");
    require(with_seal(sealed) == sealed && without_seal(sealed) == without_seal(text), "a text has one seal");
    const std::size_t at = (text.size() * 31 + static_cast<unsigned char>(text.back())) % sealed.size();
    if (sealed[at] != '\n') {
        sealed[at] = sealed[at] == 'e' ? 'f' : 'e';
        const auto line = 1 + std::count(sealed.begin(), sealed.begin() + static_cast<std::ptrdiff_t>(at), '\n');
        const auto broken = find_broken_seal(sealed);
        require(broken && broken->line == line, "a changed character is found");
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string text(reinterpret_cast<const char*>(data), size);
    if (const auto trace = parse_trace(text)) {
        check(*trace);
        check_seal(text, *trace);
        const TraceUpdate update = update_trace(text, *trace, *trace);
        require(update.changes.empty() && update.text == text, "what holds stays as it is written");
    } else {
        check(trace.error(), text);
    }
    if (const auto runs = parse_syscall_log(text)) {
        std::ranges::for_each(*runs, [](const Trace& run) { check(run); });
    } else {
        check(runs.error(), text);
    }
    return 0;
}
