// SPDX-License-Identifier: GPL-2.0-or-later
// ringcheck replay: runs the program of each trace, or makes its calls, and compares what happens with the trace.
#include "cli/boot_point.h"
#include "cli/commands.h"
#include "cli/end_report.h"
#include "cli/json_lines.h"
#include "cli/output_file.h"
#include "cli/session.h"
#include "cli/trace_replay.h"
#include "cli/worker_processes.h"
#include "explain/explanation_text.h"
#include "trace/compare.h"
#include "trace/seal.h"
#include "trace/trace_parse.h"
#include "trace/trace_update.h"
#include "watch/transition_format.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <memory>

namespace ringcheck::cli {
namespace {

struct ReplayOptions {
    GuestOptions guest;
    std::vector<std::string> traces;
    bool json = false, strict = false, update = false;
    std::uint64_t jobs = processor_count();
};

struct TraceFile {
    std::string path;
    Trace trace;
};

bool passed(const TraceFile& file, const Replay& replayed, const Session& session)
{
    return !replayed.difference && replayed.ended && session.rules().total() == 0 && !file.trace.broken_seal;
}

/// Where in the run the difference is: the transition, and why an exception was raised.
std::string circumstances(const TraceFile& file, std::uint64_t count, Session& session)
{
    const auto row = std::ranges::find_if(session.log().rows(),
                                          [count](const LogRow& one) { return one.count == count && one.kind; });
    if (row == session.log().rows().end()) {
        return "";
    }
    std::string text = "the transition\n" + format_table({&*row, 1}, session.symbols());
    if (row->kind != TransitionKind::Exception || file.trace.injected) {
        return text;
    }
    const auto again = session.repeat(count + 1, {FaultWatch::Wish::Kind::AtCount, count});
    for (const Explanation& why : again ? again->faults().explanations() : std::vector<Explanation>{}) {
        text +=
            explanation_text(why, session.lines(), [](std::string_view part) { return on_stderr(Colour::Bad, part); });
    }
    return text;
}

void print_text(const ReplayOptions& options, const TraceFile& file, std::size_t width, Session& session,
                const Replay& replayed)
{
    const auto line = [&](Colour colour, const char* result, const std::string& what) {
        print_out(fmt::format("{}  {:<{}}  {}\n", on_stdout(colour, result), file.path, width, what));
    };
    if (passed(file, replayed, session)) {
        line(Colour::Good, "pass",
             fmt::format("{} events, {} crossings", file.trace.events.size(), session.log().crossings()));
        return;
    }
    line(Colour::Bad, "FAIL",
         replayed.difference            ? "differs from the recording"
         : !replayed.ended              ? replayed.how
         : session.rules().total() != 0 ? "breaks a rule"
                                        : "is not what was sealed");
    if (replayed.difference) {
        const std::string accept = fmt::format("to accept the new behaviour: ringcheck replay --update {} {}",
                                               options.guest.kernel, file.path);
        print_error(format_difference(file.path, *replayed.difference, replayed.whole ? accept : ""));
        if (replayed.difference->count) {
            print_error(circumstances(file, *replayed.difference->count, session));
        }
    } else { // what the kernel did is the better explanation of a changed line
        print_error(format_broken_seal(file.path, file.trace));
    }
    for (const Violation& violation : session.rules().violations()) {
        print_error(format_violation(violation));
    }
    if (options.update) {
        print_error(fmt::format("note: {} was not written\n", file.path));
    }
    if (!replayed.ended) {
        print_error(fmt::format("ringcheck: {} {}\n", on_stderr(Colour::Bad, "error:"), replayed.how) +
                    report_end(replayed.end, session));
    }
}

Json broken_seal(const TraceFile& file)
{
    return file.trace.broken_seal ? Json(file.trace.broken_seal->line) : Json(nullptr);
}

void print_json_lines(const TraceFile& file, Session& session, const Replay& replayed)
{
    print_json("trace", {{"path", file.path},
                         {"program", file.trace.program},
                         {"events", file.trace.events.size()},
                         {"crossings", session.log().crossings()},
                         {"difference", replayed.difference ? to_json(*replayed.difference) : Json(nullptr)},
                         {"violations", session.rules().total()},
                         {"broken_seal", broken_seal(file)},
                         {"end", replayed.how},
                         {"passed", passed(file, replayed, session)}});
    for (const Violation& violation : session.rules().violations()) {
        print_json("violation", to_json(violation));
    }
    if (!replayed.ended) {
        for (const Explanation& explanation : explain_end(replayed.end, session)) {
            print_out(explanation_json(explanation, session.lines()) + "\n");
        }
    }
}

/// The kernel did nothing wrong, and the trace could be followed.
bool can_be_recorded(const Replay& replayed, const Session& session)
{
    return replayed.ended && replayed.whole && session.rules().total() == 0;
}

Status update_file(const TraceFile& file, const Replay& replayed)
{
    const auto text = read_text_file(file.path);
    if (!text) {
        return refuse_at_place(fmt::format("{}: error: {}", file.path, text.error()));
    }
    const TraceUpdate update = update_trace(without_seal(*text), file.trace, replayed.actual);
    const std::string updated = is_sealed(*text) ? with_seal(update.text) : update.text;
    if (updated == *text) {
        print_out(fmt::format("{}  holds as it is\n", file.path));
        return kPass;
    }
    if (const auto problem = write_file(file.path, updated)) {
        return refuse(*problem);
    }
    print_out(update.changes.empty() ? fmt::format("{}  holds as it is, and is sealed anew\n", file.path)
                                     : fmt::format("{}  {} lines changed\n", file.path, update.changes.size()));
    for (const TraceUpdate::Change& change : update.changes) {
        const auto line = [](char sign, const std::string& event) {
            return event.empty() ? "" : fmt::format("  {} {}\n", sign, event);
        };
        print_out(
            fmt::format("{}:{}:\n{}{}", file.path, change.line, line('-', change.before), line('+', change.after)));
    }
    return kPass;
}

Status replay_one(const GuestFiles& shared, const ReplayOptions& options, const TraceFile& file, std::size_t width,
                  BootPoint* boot)
{
    const auto own = own_files(options.guest, file.trace);
    if (!own) {
        return refuse(own.error());
    }
    const GuestFiles& files = *own ? **own : shared;
    auto created = Session::create(files, options.guest, file.trace.program, LogFilter::Normal, *own ? nullptr : boot);
    if (!created) {
        return refuse(created.error());
    }
    Session& session = **created;
    if (options.strict) {
        session.check_strictly();
    }
    const Replay replayed = replay_trace(session, file.trace, options.guest.limit);
    if (options.update && can_be_recorded(replayed, session)) {
        return update_file(file, replayed);
    }
    if (options.json) {
        print_json_lines(file, session, replayed);
    } else {
        print_text(options, file, width, session, replayed);
    }
    return passed(file, replayed, session) ? kPass : kDifference;
}

Status tell_lost(const ReplayOptions& options, const TraceFile& file, std::size_t width, const std::string& how)
{
    if (options.json) {
        print_json("trace", {{"path", file.path},
                             {"program", file.trace.program},
                             {"events", file.trace.events.size()},
                             {"crossings", 0},
                             {"difference", nullptr},
                             {"violations", 0},
                             {"broken_seal", broken_seal(file)},
                             {"end", "the process that replayed it " + how},
                             {"passed", false}});
    } else {
        print_out(fmt::format("{}  {:<{}}  the process that replayed it {}\n", on_stdout(Colour::Bad, "FAIL"),
                              file.path, width, how));
    }
    return kDifference;
}

/// Lines of progress are for one run at a time.
unsigned workers_for(const ReplayOptions& options)
{
    return options.guest.progress == ProgressMode::Always ? 1 : static_cast<unsigned>(options.jobs);
}

Status replay(ReplayOptions options)
{
    const auto files = GuestFiles::load(options.guest);
    if (!files) {
        return refuse(files.error());
    }
    std::vector<TraceFile> traces;
    Status status = kPass;
    for (const std::string& path : options.traces) { // all files first: nothing runs when one of them is wrong
        auto trace = load_trace(path);
        if (!trace) {
            status = refuse_at_place(trace.error());
        } else if (const auto problem = refuse_trace(*files, path, *trace, !options.guest.from.empty())) {
            status = refuse_at_place(*problem);
        } else {
            traces.push_back({path, std::move(*trace)});
        }
    }
    if (status != kPass) {
        return status;
    }
    // One trace alone is replayed sooner without.
    const auto boot = traces.size() > 1 ? BootPoint::boot(*files, options.guest, options.strict) : nullptr;
    std::size_t width = 0;
    for (const TraceFile& file : traces) {
        width = std::max(width, file.path.size());
    }
    const unsigned workers = workers_for(options);
    if (workers > 1 && traces.size() > 1) {
        options.guest.progress = ProgressMode::Never;
    }
    const std::vector<Status> statuses = do_in_processes(
        workers, traces.size(),
        [&](std::size_t i) { return replay_one(*files, options, traces[i], width, boot.get()); },
        [&](std::size_t i, const std::string& how) { return tell_lost(options, traces[i], width, how); });
    status = std::ranges::max(statuses);
    if (options.update) {
        return status;
    }
    const auto passing = std::ranges::count(statuses, kPass);
    if (options.json) {
        print_json("totals", {{"traces", traces.size()}, {"passed", passing}});
    } else {
        print_out(fmt::format("{} of {} traces pass\n", passing, traces.size()));
    }
    return status;
}

} // namespace

void add_replay(CommandLine& line)
{
    const auto options = std::make_shared<ReplayOptions>();
    Command command = line.command("replay", "Run the program of each trace and compare");
    add_guest_options(command, options->guest);
    command.option("traces", options->traces, "Trace files").required().check(refuse_name).value("TRACE");
    add_strict_option(command, options->strict);
    command
        .option("--jobs", options->jobs,
                "How many processes replay at the same time; with --progress always it is one [one for each CPU]")
        .check(refuse_count)
        .value("COUNT");
    command
        .flag("--update", options->update,
              "Write into each trace what happened, and print the lines that changed; comments and patterns that hold "
              "stay")
        .excludes(add_json_option(command, options->json));
    command.example("ringcheck replay build/aethelos.elf traces/*.trace");
    command.action([options] { return replay(*options); });
}

} // namespace ringcheck::cli
