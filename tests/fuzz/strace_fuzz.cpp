// SPDX-License-Identifier: MIT
// Any text as what strace printed.  What is imported is a whole trace, which parses to itself.
#include "fuzz/require.h"
#include "guest/guest_description.h"
#include "trace/strace_import.h"
#include "trace/trace_parse.h"
#include "trace/trace_print.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

namespace {

using namespace ringcheck;
using fuzz::require;

SyscallConvention convention()
{
    using enum ArgumentKind;
    SyscallConvention known;
    known.calls = {{.number = 1, .name = "write", .arguments = {Integer, BytesIn, Size}},
                   {.number = 9, .name = "mmap", .arguments = {Address, Size, Integer, Integer, Integer, Size}},
                   {.number = 12, .name = "brk", .arguments = {Address}},
                   {.number = 25, .name = "mremap", .arguments = {Address, Size, Size, Integer, Address}},
                   {.number = 57, .name = "fork", .arguments = {}, .result = ResultKind::Pid},
                   {.number = 60, .name = "exit", .arguments = {Integer}, .returns = false},
                   {.number = 62, .name = "kill", .arguments = {Pid, Integer}}};
    return known;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    static const SyscallConvention kKnown = convention();
    const std::string text(reinterpret_cast<const char*>(data), size);
    const auto imported = import_strace(
        text, kKnown, [](std::uint64_t address) { return Argument{RawAddress{address}}; }, "program",
        NamedAddress{"_start", 0});
    const auto lines = static_cast<std::size_t>(std::ranges::count(text, '\n')) + 1;
    if (!imported) {
        const ParseError& error = imported.error();
        require(error.line <= lines && error.column >= 1, "an error lies in the text");
        require(!error.text.empty() && error.text.find('\n') == std::string::npos, "an error is one line");
        return 0;
    }
    require(imported->trace.events.size() + imported->skipped.size() <= lines + 2, "a line is one event at most");
    const std::string printed = print_trace(imported->trace);
    const auto again = parse_trace(printed);
    require(again.has_value(), "what is imported is a trace");
    require(*again == imported->trace, "it parses to the same");
    return 0;
}
