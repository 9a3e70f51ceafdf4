// SPDX-License-Identifier: GPL-2.0-or-later
// Events belong to the program whose enter line came last; programs that overlap would need process ids.
#include "trace/syscall_log.h"

#include "trace/trace_parse.h"

#include <fmt/format.h>

namespace ringcheck {
namespace {

class LogReader {
public:
    void read_line(LineCursor& cursor, unsigned number)
    {
        read_event(cursor, number);
        if (!cursor.failed()) {
            check_length(cursor, runs_.back().events.back());
        }
    }

    bool running() const { return running_; }
    std::vector<Trace>& runs() { return runs_; }

private:
    void read_event(LineCursor& cursor, unsigned number)
    {
        const std::string_view word = cursor.token();
        if (word == "enter") {
            return enter(cursor, number);
        }
        if (word != "syscall" && word != "fault" && word != "exit") {
            return cursor.fail_at_last(
                fmt::format("a line begins with enter, syscall, fault or exit, not '{}'", word.substr(0, 40)));
        }
        if (!running_) {
            return cursor.fail_at_last(fmt::format("'{}' outside a program: there was no enter line", word));
        }
        std::vector<Event>& events = runs_.back().events;
        if (word == "syscall") {
            events.push_back({cursor.syscall(), number});
        } else if (word == "fault") {
            events.push_back({parse_fault(cursor), number});
        } else {
            exit(cursor, number);
        }
    }

    void enter(LineCursor& cursor, unsigned number)
    {
        if (running_) {
            return cursor.fail_at_last(fmt::format("'{}' has not ended yet", runs_.back().program));
        }
        const std::string_view program = cursor.token();
        if (!is_program_name(program)) {
            return cursor.fail_at_last("a program's name is missing here");
        }
        runs_.push_back({std::string(program), {{EnterEvent{cursor.address()}, number}}});
        cursor.expect_end();
        running_ = true;
    }

    void exit(LineCursor& cursor, unsigned number)
    {
        if (cursor.token() != runs_.back().program) {
            return cursor.fail_at_last(fmt::format("not the program that runs, '{}'", runs_.back().program));
        }
        runs_.back().events.push_back({parse_exit(cursor), number});
        running_ = false;
    }

    std::vector<Trace> runs_;
    bool running_ = false;
};

} // namespace

std::expected<std::vector<Trace>, ParseError> parse_syscall_log(std::string_view text)
{
    const auto lines = cut_lines(text, LineEnds::LfOrCrLf);
    if (!lines) {
        return std::unexpected(lines.error());
    }
    LogReader reader;
    for (const TextLine& line : *lines) {
        if (line.text.empty()) {
            continue;
        }
        LineCursor cursor(line);
        reader.read_line(cursor, line.number);
        if (cursor.failed()) {
            return std::unexpected(cursor.error());
        }
    }
    if (reader.running()) {
        return std::unexpected(ParseError{lines->back().number, 1,
                                          fmt::format("the log ends while '{}' runs", reader.runs().back().program)});
    }
    return std::move(reader.runs());
}

} // namespace ringcheck
