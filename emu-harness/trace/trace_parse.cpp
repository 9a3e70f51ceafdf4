// SPDX-License-Identifier: GPL-2.0-or-later
// A trace line by line: each begins with a word that says what it is.
#include "trace/trace_parse.h"

#include "arch/exception.h"
#include "trace/line_cursor.h"
#include "trace/seal.h"
#include "trace/trace_print.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>
#include <set>

namespace ringcheck {
namespace {

constexpr std::string_view kVersionPrefix = "# ringcheck trace ";

std::optional<ParseError> check_version(const TextLine& line)
{
    if (!line.text.starts_with(kVersionPrefix)) {
        return ParseError{line.number, 1,
                          fmt::format("not a trace: the first line is not '{}{}'", kVersionPrefix, kTraceVersion)};
    }
    const std::string_view version = line.text.substr(kVersionPrefix.size());
    if (version != fmt::format("{}", kTraceVersion)) {
        return ParseError{
            line.number, static_cast<unsigned>(kVersionPrefix.size() + 1),
            fmt::format("trace version '{}'; this ringcheck reads version {}", version.substr(0, 20), kTraceVersion)};
    }
    return std::nullopt;
}

std::string too_long(std::size_t bytes)
{
    return fmt::format("written as ringcheck writes it the line has {} bytes, more than {}", bytes, kLineLimit);
}

bool says_nothing(std::string_view line)
{
    const std::size_t first = line.find_first_not_of(" \t");
    return first == std::string_view::npos || line[first] == '#';
}

bool is_assignment(std::string_view text)
{
    const std::size_t sign = text.find('=');
    return sign != std::string_view::npos && is_word(text.substr(0, sign));
}

bool is_file_name(std::string_view name)
{
    return is_program_name(name) && !name.starts_with('/');
}

/// The cursor stands behind the event's first word.
InjectEvent parse_injection(LineCursor& cursor)
{
    constexpr std::uint64_t kVectors = 256;
    InjectEvent event;
    const std::string_view word = cursor.token();
    for (const auto kind : {Injection::Kind::Interrupt, Injection::Kind::Nmi, Injection::Kind::MachineCheck}) {
        if (word == injection_word(kind)) {
            event.injection.kind = kind;
        }
    }
    if (word != injection_word(event.injection.kind)) {
        cursor.fail_at_last("'interrupt', 'nmi' or 'machine_check' is missing here");
    } else if (event.injection.kind == Injection::Kind::Interrupt) {
        const std::uint64_t vector = cursor.number("the vector");
        if (vector < arch::kExceptionVectors || vector >= kVectors) {
            cursor.fail_at_last("an interrupt's vector is between 32 and 255");
        }
        event.injection.vector = static_cast<std::uint8_t>(vector);
        cursor.skip_blanks();
    }
    if (cursor.token() != "at") {
        cursor.fail_at_last("'at' is missing here");
    }
    event.at = cursor.address();
    cursor.expect_end();
    return event;
}

/// Reads the lines after the version line into a trace.
class Reader {
public:
    std::expected<Trace, ParseError> read(const std::vector<TextLine>& lines)
    {
        unsigned end = 1;
        for (const TextLine& line : lines) {
            if (line.text.starts_with(kSealWord)) {
                break; // find_broken_seal() looks at the rest
            }
            end = line.number;
            if (says_nothing(line.text)) {
                continue;
            }
            LineCursor cursor(line,
                              trace_.injected ? LineCursor::Patterns::TakenAndPlaced : LineCursor::Patterns::Taken);
            cursor.skip_blanks();
            read_line(cursor, line.number);
            if (cursor.failed()) {
                return std::unexpected(cursor.error());
            }
        }
        if (trace_.program.empty()) {
            return std::unexpected(ParseError{end, 1, "the trace has no program line"});
        }
        if (!exited_) {
            return std::unexpected(ParseError{
                end, 1,
                fmt::format("the {} has no exit line at its end: is the file cut off?", child_ ? "child" : "trace")});
        }
        return std::move(trace_);
    }

private:
    void read_line(LineCursor& cursor, unsigned number)
    {
        const std::string_view word = cursor.token();
        if (exited_ && !trace_.setting.children) {
            return cursor.fail_at_last("nothing follows the exit line");
        }
        if (exited_ != (word == "child")) {
            return cursor.fail_at_last(exited_ ? "behind an exit line stands a child line, or nothing"
                                               : "a child line stands behind an exit line, and where children are "
                                                 "followed");
        }
        if (trace_.program.empty() != (word == "program" || word == "injected")) {
            return cursor.fail_at_last(trace_.program.empty() ? "the program line comes first"
                                                              : "a trace has one program line");
        }
        if (trace_.program.empty()) {
            trace_.injected = word == "injected";
            trace_.program_line = trace_.header_end = number;
            return read_program(cursor);
        }
        if (word == "environment" || word == "file" || word == "input" || word == "follow") {
            return read_setting(cursor, word, number);
        }
        if (child_ && (word == "enter" || word == "inject")) {
            return cursor.fail_at_last(word == "enter"
                                           ? "a child goes on where its parent is, and has no enter line"
                                           : "events come to the program's first thread, not to its children");
        }
        if (word == "memory" || word == "holds") {
            read_memory(cursor, word == "memory", number);
        } else if (word == "enter" && trace_.injected) {
            return cursor.fail_at_last("an injected trace has no enter line: it begins when the program has entered");
        } else if (word == "enter") {
            trace_.events.push_back({EnterEvent{cursor.address()}, number});
            cursor.expect_end();
        } else if (word == "execute" && trace_.injected) {
            return cursor.fail_at_last("an injected trace has no execute line: its program is ringcheck's");
        } else if (word == "signal") {
            trace_.events.push_back({parse_signal(cursor), number});
        } else if (word == "execute") {
            trace_.events.push_back({parse_execute(cursor), number});
        } else if (word == "syscall") {
            trace_.events.push_back({cursor.syscall(), number});
        } else if (word == "fault") {
            trace_.events.push_back({parse_fault(cursor, LineCursor::Patterns::Taken), number});
        } else if (word == "exit") {
            trace_.events.push_back({parse_exit(cursor), number});
            exited_ = true;
        } else if (word == "child") {
            read_child(cursor, number);
        } else if (word == "switch" && !trace_.setting.switches) {
            return cursor.fail_at_last("a switch line stands where children and switches are followed");
        } else if (word == "switch") {
            read_switch(cursor, number);
        } else if (word == "inject" && trace_.injected) {
            return cursor.fail_at_last("nothing comes from outside in an injected trace");
        } else if (word == "inject") {
            trace_.events.push_back({parse_injection(cursor), number});
        } else {
            return cursor.fail_at_last(
                fmt::format("a line begins with {}, syscall, execute, signal, fault, exit or #, not '{}'",
                            trace_.injected         ? "memory, holds"
                            : trace_.events.empty() ? "environment, file, input, follow, enter, inject"
                            : child_                ? "child"
                                                    : "enter, inject",
                            word.substr(0, 40)));
        }
        if (!cursor.failed()) { // or the line may have become no event
            check_length(cursor, trace_.events.back());
        }
    }

    void read_program(LineCursor& cursor)
    {
        trace_.program = cursor.token();
        if (trace_.program.empty()) {
            return cursor.fail("the program's name is missing here");
        }
        if (!is_program_name(trace_.program)) {
            return cursor.fail_at_last("a program's name is printable ASCII");
        }
        while (!trace_.injected && cursor.peek() == '"') {
            trace_.arguments.push_back(cursor.quoted());
        }
        cursor.expect_end();
        const std::size_t bytes = cursor.failed() ? 0 : print_program_line(trace_).size();
        if (bytes > kLineLimit) {
            cursor.fail(too_long(bytes));
        }
    }

    /// What the program is started with, in the order in which it is printed.
    void read_setting(LineCursor& cursor, std::string_view word, unsigned number)
    {
        Setting& setting = trace_.setting;
        if (trace_.injected) {
            return cursor.fail_at_last("no program of an injected trace's own is started, and none is given anything");
        }
        const bool late = !trace_.events.empty() || setting.children || (word == "file" && !setting.input.empty()) ||
                          (word == "environment" && !(setting.input.empty() && setting.files.empty()));
        if (late) {
            return cursor.fail_at_last("environment lines, then file lines, then input lines, then one follow line "
                                       "come before the first event");
        }
        if (word == "environment") {
            setting.environment.push_back(cursor.text());
            if (!cursor.failed() && !is_assignment(setting.environment.back())) {
                cursor.fail_at_last("a variable is NAME=value, and NAME is letters, digits and '_', no digit first");
            }
        } else if (word == "file") {
            GivenFile file;
            file.name = cursor.text();
            if (!cursor.failed() && !is_file_name(file.name)) {
                cursor.fail_at_last("a file's name is printable ASCII, without blanks and without a '/' in front");
            }
            file.contents = cursor.text();
            setting.files.push_back(std::move(file));
        } else if (word == "input") {
            setting.input.push_back(cursor.text());
        } else {
            setting.children = true;
            if (cursor.token() != "children") {
                cursor.fail_at_last("'children' is missing here");
            }
            setting.switches = cursor.accept("switches");
            cursor.skip_blanks();
        }
        cursor.expect_end();
        trace_.header_end = number;
        if (const std::size_t bytes = cursor.failed() ? 0 : print_header(trace_).back().size(); bytes > kLineLimit) {
            cursor.fail(too_long(bytes));
        }
    }

    void read_memory(LineCursor& cursor, bool is_new, unsigned number)
    {
        if (!trace_.injected) {
            return cursor.fail_at_last("memory is placed in injected traces only, for their calls");
        }
        if (is_new) {
            MemoryEvent event = cursor.memory();
            if (!memory_.insert(event.name).second && !cursor.failed()) {
                cursor.fail(fmt::format("there is memory named '{}' already", event.name));
            }
            trace_.events.push_back({std::move(event), number});
            return;
        }
        HoldsEvent event = cursor.holds();
        if (!memory_.contains(event.name) && !cursor.failed()) {
            cursor.fail(fmt::format("no memory is named '{}' before this line", event.name));
        }
        trace_.events.push_back({std::move(event), number});
    }

    /// The first line of a section.
    void read_child(LineCursor& cursor, unsigned number)
    {
        const Address address = cursor.address();
        const auto* const named = std::get_if<NamedAddress>(&address);
        if (named == nullptr || named->name != "PID" || named->offset == 0) {
            return cursor.fail_at_last("a child is PID+0x1, by its number's distance from the traced program's");
        }
        if (child_ && *child_ >= named->offset) {
            return cursor.fail_at_last("children stand in the order of their numbers, each once");
        }
        cursor.expect_end();
        child_ = named->offset;
        exited_ = false;
        trace_.events.push_back({ChildEvent{named->offset}, number});
    }

    void read_switch(LineCursor& cursor, unsigned number)
    {
        const Address address = cursor.address();
        const auto* const to = std::get_if<NamedAddress>(&address);
        const bool is_known =
            to != nullptr && (to->name == "PID" || (to->offset == 0 && (to->name == "kernel" || to->name == "other")));
        if (!is_known) {
            return cursor.fail_at_last("the process that has the CPU then is PID+0x1, 'other' or 'kernel'");
        }
        cursor.expect_end();
        trace_.events.push_back({SwitchEvent{*to}, number});
    }

    Trace trace_;
    std::set<std::string> memory_;      ///< the names
    std::optional<std::int64_t> child_; ///< whose section it is, as ChildEvent has it; nullopt: the program's own
    bool exited_ = false;               ///< the process whose lines these are
};

} // namespace

void check_length(LineCursor& cursor, const Event& event)
{
    if (const std::size_t bytes = cursor.failed() ? 0 : print_event(event).size(); bytes > kLineLimit) {
        cursor.fail(too_long(bytes));
    }
}

FaultEvent parse_fault(LineCursor& cursor, LineCursor::Patterns patterns)
{
    FaultEvent fault;
    fault.exception = cursor.token();
    if (fault.is_any() && patterns == LineCursor::Patterns::Taken) {
        cursor.expect_end();
        return fault;
    }
    if (!is_word(std::string_view(fault.exception).substr(fault.exception.starts_with('#') ? 1 : 0))) {
        cursor.fail_at_last("an exception is missing here, such as #PF or vector_9");
    }
    const std::string_view word = cursor.token();
    if (word != "at") {
        const FaultAccess kind = word == "read"    ? FaultAccess::Read
                                 : word == "write" ? FaultAccess::Write
                                                   : FaultAccess::Execute;
        if (kind == FaultAccess::Execute && word != "execute") {
            cursor.fail_at_last("'at', 'read', 'write' or 'execute' is missing here");
        }
        fault.access = FaultEvent::Access{kind, cursor.address()};
        if (cursor.token() != "at") {
            cursor.fail_at_last("'at' is missing here");
        }
    }
    fault.at = cursor.address();
    cursor.expect_end();
    return fault;
}

SignalEvent parse_signal(LineCursor& cursor)
{
    SignalEvent event;
    event.name = cursor.token();
    if (!is_word(event.name)) {
        cursor.fail_at_last("a signal's name is missing here");
        return event;
    }
    event.handler = cursor.address();
    cursor.expect_end();
    return event;
}

ExecuteEvent parse_execute(LineCursor& cursor)
{
    ExecuteEvent event;
    event.program = cursor.token();
    if (!is_program_name(event.program)) {
        cursor.fail_at_last("a program's name is missing here");
        return event;
    }
    event.at = cursor.address();
    cursor.expect_end();
    return event;
}

ExitEvent parse_exit(LineCursor& cursor)
{
    ExitEvent event;
    const std::string_view word = cursor.token();
    if (word == "status") {
        event.status = cursor.number("the exit status");
        if (event.status > 0xff) {
            cursor.fail_at_last("an exit status is between 0 and 255");
        }
    } else if (word == "killed") {
        if (cursor.token() != "by") {
            cursor.fail_at_last("'by' is missing here");
        }
        event.signal = cursor.word("a signal's name");
    } else {
        cursor.fail_at_last("'status' or 'killed by' is missing here");
    }
    cursor.expect_end();
    return event;
}

std::expected<InjectEvent, ParseError> parse_injection(std::string_view text)
{
    LineCursor cursor({1, text});
    InjectEvent event = parse_injection(cursor);
    if (cursor.failed()) {
        return std::unexpected(cursor.error());
    }
    return event;
}

std::expected<Trace, ParseError> parse_trace(std::string_view text)
{
    // Before the lines are looked at: a binary file is better called that than blamed for its first control character.
    if (!text.starts_with(kVersionPrefix)) {
        return std::unexpected(*check_version({1, ""}));
    }
    auto lines = cut_lines(text, LineEnds::Lf);
    if (!lines) {
        return std::unexpected(std::move(lines.error()));
    }
    if (auto error = check_version(lines->front())) {
        return std::unexpected(std::move(*error));
    }
    auto trace = Reader().read(*lines);
    auto broken = find_broken_seal(text);
    if (trace) {
        trace->broken_seal = std::move(broken);
    } else if (broken && broken->line < trace.error().line) { // the grammar tells late of some
        broken->text += fmt::format("; with it, line {} is wrong: {}", trace.error().line, trace.error().text);
        return std::unexpected(*std::move(broken));
    }
    return trace;
}

std::string format_parse_error(const std::string& path, const ParseError& error)
{
    return fmt::format("{}:{}:{}: error: {}", path, error.line, error.column, error.text);
}

std::string format_broken_seal(const std::string& path, const Trace& trace)
{
    return trace.broken_seal
               ? fmt::format("{}:{}: error: {}\nnote: to accept the file as it is: ringcheck trace seal {}\n", path,
                             trace.broken_seal->line, trace.broken_seal->text, path)
               : "";
}

std::expected<std::string, std::string> read_text_file(const std::string& path)
{
    std::ifstream file(path, std::ios::binary);
    if (!file) {
        return std::unexpected(fmt::format("cannot be opened: {}", std::strerror(errno)));
    }
    std::string text;
    std::error_code unknown; // of a pipe, which has no size
    if (const auto size = std::filesystem::file_size(path, unknown); !unknown) {
        text.reserve(std::min<std::uintmax_t>(size, kTextLimit));
    }
    for (char block[65536]; text.size() <= kTextLimit && (file.read(block, sizeof block) || file.gcount() > 0);) {
        text.append(block, static_cast<std::size_t>(file.gcount()));
    }
    if (text.size() > kTextLimit) {
        return std::unexpected(fmt::format("has more than {} MiB", kTextLimit >> 20));
    }
    if (file.bad()) {
        return std::unexpected("cannot be read");
    }
    return text;
}

std::expected<Trace, std::string> load_trace(const std::string& path)
{
    const auto text = read_text_file(path);
    if (!text) {
        return std::unexpected(path + ": error: " + text.error());
    }
    auto trace = parse_trace(*text);
    if (!trace) {
        return std::unexpected(format_parse_error(path, trace.error()));
    }
    return std::move(*trace);
}

} // namespace ringcheck
