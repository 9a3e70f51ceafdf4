// SPDX-License-Identifier: GPL-2.0-or-later
// Each line begins with the number of the thread that it is about; a program's first thread has the program's number,
// and its lines are the trace.
#include "trace/syscall_log.h"

#include "trace/trace_parse.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

namespace ringcheck {
namespace {

class LogReader {
public:
    void read_line(LineCursor& cursor, unsigned number)
    {
        const std::uint64_t thread = cursor.number("the thread's number");
        cursor.skip_blanks();
        const std::string_view word = cursor.token();
        if (word == "enter") {
            return enter(cursor, thread, number);
        }
        if (word == "start") {
            return start(cursor, thread);
        }
        if (word == "places") {
            return places(cursor, thread);
        }
        if (word != "syscall" && word != "resumed" && word != "fault" && word != "exit") {
            return cursor.fail_at_last(
                fmt::format("a line goes on with places, enter, start, syscall, resumed, fault or exit, not '{}'",
                            word.substr(0, 40)));
        }
        const auto found = threads_.find(thread);
        if (found == threads_.end()) {
            return cursor.fail_at_last(fmt::format("thread {} has not begun", thread));
        }
        if (word == "exit") {
            return exit(cursor, thread, number);
        }
        event(cursor, word, found->second, number);
    }

    /// A program that has begun and not ended, or nullptr.
    const Trace* running() const
    {
        const auto found =
            std::ranges::find_if(threads_, [](const auto& thread) { return thread.second.run.has_value(); });
        return found == threads_.end() ? nullptr : &runs_[*found->second.run];
    }
    std::vector<Trace>& runs() { return runs_; }

private:
    struct ThreadLines {
        std::optional<std::size_t> run;       ///< of which program it is the first thread
        std::optional<std::size_t> open_call; ///< the event whose result comes later
        bool waits = false;                   ///< its last call's result comes later
    };

    void append(LineCursor& cursor, std::size_t run, Event event)
    {
        runs_[run].events.push_back(std::move(event));
        if (!cursor.failed()) {
            check_length(cursor, runs_[run].events.back());
        }
    }

    void enter(LineCursor& cursor, std::uint64_t thread, unsigned number)
    {
        if (threads_.contains(thread) && threads_[thread].run) {
            return cursor.fail_at_last(fmt::format("'{}' has not ended yet", runs_[*threads_[thread].run].program));
        }
        const std::string_view program = cursor.token();
        if (!is_program_name(program)) {
            return cursor.fail_at_last("a program's name is missing here");
        }
        Trace& run = runs_.emplace_back();
        run.program = program;
        run.process = thread;
        run.places = std::exchange(places_[thread], {});
        append(cursor, runs_.size() - 1, {EnterEvent{cursor.address()}, number});
        cursor.expect_end();
        threads_[thread] = {.run = runs_.size() - 1, .open_call = {}, .waits = false};
    }

    /// Where the memory of the program that enters next as `thread` begins.
    void places(LineCursor& cursor, std::uint64_t thread)
    {
        Places read;
        for (std::size_t i = 0; !cursor.failed() && !cursor.at_end(); ++i) {
            if (i == read.words.size()) {
                return cursor.fail(fmt::format("a process has at most {} places", read.words.size()));
            }
            const Address address = cursor.address();
            const auto* const word = std::get_if<RawAddress>(&address);
            if (word == nullptr) {
                return cursor.fail_at_last("a place is a number");
            }
            read.words.at(i) = word->value;
        }
        places_[thread] = read;
    }

    void start(LineCursor& cursor, std::uint64_t thread)
    {
        if (!is_program_name(cursor.token())) {
            return cursor.fail_at_last("a program's name is missing here");
        }
        cursor.expect_end();
        threads_[thread] = {};
    }

    void event(LineCursor& cursor, std::string_view word, ThreadLines& thread, unsigned number)
    {
        if (word == "resumed") {
            if (!thread.waits) {
                return cursor.fail_at_last("no call of this thread waits for its result");
            }
            const SyscallResult result = cursor.result();
            cursor.expect_end();
            if (thread.open_call) {
                Event& call = runs_[*thread.run].events[*thread.open_call];
                std::get<SyscallEvent>(call.what).result = result;
                check_length(cursor, call);
            }
            thread.open_call.reset();
            thread.waits = false;
            return;
        }
        Event event{word == "syscall" ? decltype(Event::what){call(cursor, thread)} : parse_fault(cursor), number};
        if (thread.run) {
            append(cursor, *thread.run, std::move(event));
            if (thread.waits) {
                thread.open_call = runs_[*thread.run].events.size() - 1;
            }
        }
    }

    /// A call with its result, or with dots: then the result comes in a line of its own, or never.
    static SyscallEvent call(LineCursor& cursor, ThreadLines& thread)
    {
        SyscallEvent event = cursor.call();
        cursor.skip_blanks();
        thread.waits = cursor.accept("...");
        thread.open_call.reset();
        if (thread.waits) {
            event.result = UnknownResult{};
        } else {
            event.result = cursor.result();
        }
        cursor.expect_end();
        return event;
    }

    void exit(LineCursor& cursor, std::uint64_t thread, unsigned number)
    {
        const std::optional<std::size_t> run = threads_[thread].run;
        const std::string_view program = cursor.token();
        if (run && program != runs_[*run].program) {
            return cursor.fail_at_last(fmt::format("not the program that runs, '{}'", runs_[*run].program));
        }
        const ExitEvent end = parse_exit(cursor);
        if (run) {
            append(cursor, *run, {end, number});
        }
        threads_.erase(thread);
    }

    std::vector<Trace> runs_;
    std::map<std::uint64_t, ThreadLines> threads_;
    std::map<std::uint64_t, Places> places_;
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
    if (const Trace* const run = reader.running()) {
        return std::unexpected(
            ParseError{lines->back().number, 1, fmt::format("the log ends while '{}' runs", run->program)});
    }
    return std::move(reader.runs());
}

} // namespace ringcheck
