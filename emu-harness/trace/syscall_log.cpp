// SPDX-License-Identifier: GPL-2.0-or-later
// Each line begins with the number of the thread that it is about; a program's first thread has the program's number,
// and its lines are the trace.  Every other thread has begun with a call of another one's, and the first of a child is
// told by the line of its exit.
#include "trace/syscall_log.h"

#include "trace/trace_parse.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
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
            return start(cursor, thread, number);
        }
        if (word == "places") {
            return places(cursor, thread);
        }
        if (word != "syscall" && word != "execute" && word != "signal" && word != "resumed" && word != "fault" &&
            word != "exit") {
            return cursor.fail_at_last(fmt::format(
                "a line goes on with places, enter, execute, start, syscall, resumed, signal, fault or exit, not '{}'",
                word.substr(0, 40)));
        }
        const auto found = threads_.find(thread);
        if (found == threads_.end()) {
            return cursor.fail_at_last(fmt::format("thread {} has not begun", thread));
        }
        if (word == "exit") {
            return exit(cursor, thread, number);
        }
        if (word == "execute") {
            return execute(cursor, thread, number);
        }
        event(cursor, word, thread, number);
    }

    /// A program that has begun and not ended, or nullptr.
    const Trace* running() const
    {
        const auto found =
            std::ranges::find_if(threads_, [](const auto& thread) { return thread.second.run.has_value(); });
        return found == threads_.end() ? nullptr : &runs_[*found->second.run];
    }
    /// Each with the sections of its children.
    std::vector<Trace> take_runs()
    {
        std::map<std::uint64_t, std::size_t> programs; // by the first thread
        for (std::size_t i = 0; i < runs_.size(); ++i) {
            programs[runs_[i].process] = i;
        }
        std::map<std::pair<std::size_t, std::int64_t>, const Started*> children; // by run and distance
        for (const Started& started : started_) {
            const auto program = programs.find(first_maker(started.thread));
            const bool is_child = started.ended && program != programs.end() && program->first != started.thread &&
                                  std::max(program->first, started.thread) <= kMostProcess;
            if (is_child) {
                const auto distance = static_cast<std::int64_t>(started.thread - program->first);
                children[{program->second, distance}] = &started;
            }
        }
        for (const auto& [place, child] : children) {
            Trace& run = runs_[place.first];
            run.setting.children = true;
            const Image* const image = image_before(makers_.at(child->thread), child->line);
            run.events.push_back(
                {image == nullptr ? ChildEvent{place.second} : ChildEvent{place.second, image->program, image->places},
                 child->line});
            run.events.insert(run.events.end(), child->events.begin(), child->events.end());
        }
        return std::move(runs_);
    }

private:
    /// A program that a process has got by execve.
    struct Image {
        unsigned line = 0; ///< where it begins
        std::string program;
        Places places;
    };

    static constexpr std::uint64_t kMostProcess = std::numeric_limits<std::int32_t>::max();

    /// A thread that is no program's first.
    struct Started {
        std::uint64_t thread = 0;
        std::string program;
        unsigned line = 0; ///< where it starts
        std::vector<Event> events;
        bool ended = false; ///< with its process, whose first thread it is
    };
    struct ThreadLines {
        std::optional<std::size_t> run;       ///< of which program it is the first thread
        std::size_t started = 0;              ///< else which of the started
        std::optional<std::size_t> open_call; ///< the event whose result comes later
        bool took_over = false;               ///< the next result is of a call that another thread has begun
    };

    std::vector<Event>& events_of(const ThreadLines& thread)
    {
        return thread.run ? runs_[*thread.run].events : started_[thread.started].events;
    }

    void append(LineCursor& cursor, const ThreadLines& thread, Event event)
    {
        std::vector<Event>& events = events_of(thread);
        events.push_back(std::move(event));
        if (!cursor.failed()) {
            check_length(cursor, events.back());
        }
    }

    /// Notes who a call has made.
    void note_made(std::uint64_t maker, const Event& event)
    {
        const auto* const call = std::get_if<SyscallEvent>(&event.what);
        const auto* const made = call == nullptr ? nullptr : std::get_if<Integer>(&call->result);
        const bool makes = made != nullptr && makes_a_task(call->name);
        if (makes && !made->negative && made->magnitude != 0) {
            makers_[made->magnitude] = maker;
        }
    }

    /// What a thread has executed last before that line: its own program, or that of whoever has made it; nullptr: only
    /// what it has been started with.
    const Image* image_before(std::uint64_t thread, unsigned line) const
    {
        for (std::size_t steps = 0; steps <= makers_.size(); ++steps) { // a log may lie
            const auto executed = images_.find(thread);
            const Image* last = nullptr;
            for (std::size_t i = 0; executed != images_.end() && i < executed->second.size(); ++i) {
                last = executed->second[i].line < line ? &executed->second[i] : last;
            }
            const auto maker = makers_.find(thread);
            if (last != nullptr || maker == makers_.end()) {
                return last;
            }
            thread = maker->second;
        }
        return nullptr;
    }

    std::uint64_t first_maker(std::uint64_t thread) const
    {
        auto maker = makers_.find(thread);
        for (std::size_t steps = 0; maker != makers_.end() && steps < makers_.size(); ++steps) { // a log may lie
            thread = maker->second;
            maker = makers_.find(thread);
        }
        return thread;
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
        threads_[thread] = {.run = runs_.size() - 1, .started = 0, .open_call = {}, .took_over = false};
        append(cursor, threads_[thread], {EnterEvent{cursor.address()}, number});
        cursor.expect_end();
    }

    void execute(LineCursor& cursor, std::uint64_t thread, unsigned number)
    {
        ExecuteEvent event = parse_execute(cursor);
        event.places = std::exchange(places_[thread], {});
        images_[thread].push_back({number, event.program, event.places});
        ThreadLines& lines = threads_[thread];
        append(cursor, lines, {std::move(event), number});
        if (!waits_for_execve(lines)) {
            // Another thread has asked for it, and has this one's number now: who waited is gone.
            lines.open_call.reset();
            lines.took_over = true;
        }
    }

    bool waits_for_execve(ThreadLines& thread)
    {
        return thread.open_call && std::get<SyscallEvent>(events_of(thread)[*thread.open_call].what).name == "execve";
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

    void start(LineCursor& cursor, std::uint64_t thread, unsigned number)
    {
        const std::string_view program = cursor.token();
        if (!is_program_name(program)) {
            return cursor.fail_at_last("a program's name is missing here");
        }
        cursor.expect_end();
        threads_[thread] = {.run = {}, .started = started_.size(), .open_call = {}, .took_over = false};
        started_.push_back({.thread = thread, .program = std::string(program), .line = number, .events = {}});
    }

    void event(LineCursor& cursor, std::string_view word, std::uint64_t number, unsigned line)
    {
        ThreadLines& thread = threads_[number];
        if (word == "resumed") {
            if (std::exchange(thread.took_over, false)) {
                static_cast<void>(cursor.result()); // of a call that stands under another number
                return cursor.expect_end();
            }
            if (!thread.open_call) {
                return cursor.fail_at_last("no call of this thread waits for its result");
            }
            Event& call = events_of(thread)[*thread.open_call];
            std::get<SyscallEvent>(call.what).result = cursor.result();
            cursor.expect_end();
            if (!cursor.failed()) {
                check_length(cursor, call);
            }
            note_made(number, call);
            thread.open_call.reset();
            return;
        }
        bool waits = false;
        append(cursor, thread,
               {word == "syscall"  ? decltype(Event::what){call(cursor, waits)}
                : word == "signal" ? decltype(Event::what){parse_signal(cursor)}
                                   : parse_fault(cursor),
                line});
        const std::vector<Event>& events = events_of(thread);
        note_made(number, events.back());
        if (word == "syscall") {
            thread.open_call = waits ? std::optional(events.size() - 1) : std::nullopt;
        }
    }

    /// A call with its result, or with dots: then the result comes in a line of its own, or never.
    static SyscallEvent call(LineCursor& cursor, bool& waits)
    {
        SyscallEvent event = cursor.call();
        cursor.skip_blanks();
        waits = cursor.accept("...");
        if (waits) {
            event.result = UnknownResult{};
        } else {
            event.result = cursor.result();
        }
        cursor.expect_end();
        return event;
    }

    void exit(LineCursor& cursor, std::uint64_t number, unsigned line)
    {
        const ThreadLines& thread = threads_[number];
        const auto executed = images_.find(number);
        const std::string& runs = executed != images_.end() ? executed->second.back().program
                                  : thread.run              ? runs_[*thread.run].program
                                                            : started_[thread.started].program;
        if (cursor.token() != runs) {
            return cursor.fail_at_last(fmt::format("not the program that runs, '{}'", runs));
        }
        append(cursor, thread, {parse_exit(cursor), line});
        if (!thread.run) {
            started_[thread.started].ended = true;
        }
        threads_.erase(number);
    }

    std::vector<Trace> runs_;
    std::vector<Started> started_;
    std::map<std::uint64_t, std::uint64_t> makers_; ///< by thread: which one has made it
    std::map<std::uint64_t, ThreadLines> threads_;
    std::map<std::uint64_t, Places> places_;
    std::map<std::uint64_t, std::vector<Image>> images_; ///< by thread, in their order
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
    return reader.take_runs();
}

} // namespace ringcheck
