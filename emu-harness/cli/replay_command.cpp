// SPDX-License-Identifier: GPL-2.0-or-later
// ringcheck replay: runs the program of each trace and compares what it does with the trace.
#include "cli/commands.h"
#include "cli/end_report.h"
#include "cli/json_lines.h"
#include "cli/session.h"
#include "explain/explanation_text.h"
#include "trace/compare.h"
#include "trace/trace_parse.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <memory>

namespace ringcheck::cli {
namespace {

struct ReplayOptions {
    GuestOptions guest;
    std::vector<std::string> traces;
    bool json = false, strict = false;
};

struct TraceFile {
    std::string path;
    Trace trace;
};

/// What became of one trace.
struct Replayed {
    std::string how; ///< the machine's end, in words
    bool ended = false;
    std::optional<Difference> difference;
    bool passed = false;
};

void print_text(const GuestOptions& options, const TraceFile& file, std::size_t width, const RunEnd& end,
                Session& session, const Replayed& replayed)
{
    const auto line = [&](Colour colour, const char* result, const std::string& what) {
        print_out(fmt::format("{}  {:<{}}  {}\n", on_stdout(colour, result), file.path, width, what));
    };
    if (replayed.passed) {
        line(Colour::Good, "pass",
             fmt::format("{} events, {} crossings", file.trace.events.size(), session.log().crossings()));
        return;
    }
    line(Colour::Bad, "FAIL",
         replayed.difference ? "differs from the recording"
         : replayed.ended    ? "breaks a rule"
                             : replayed.how);
    if (replayed.difference) {
        print_error(format_difference(file.path, *replayed.difference,
                                      fmt::format("to accept the new behaviour: ringcheck record {} --program {} -o {}",
                                                  options.kernel, file.trace.program, file.path)));
    }
    for (const Violation& violation : session.rules().violations()) {
        print_error(format_violation(violation));
    }
    if (!replayed.ended) {
        print_error(fmt::format("ringcheck: {} {}\n", on_stderr(Colour::Bad, "error:"), replayed.how) +
                    report_end(end, session));
    }
}

void print_json_lines(const TraceFile& file, const RunEnd& end, Session& session, const Replayed& replayed)
{
    print_json("trace", {{"path", file.path},
                         {"program", file.trace.program},
                         {"events", file.trace.events.size()},
                         {"crossings", session.log().crossings()},
                         {"difference", replayed.difference ? to_json(*replayed.difference) : Json(nullptr)},
                         {"violations", session.rules().total()},
                         {"end", replayed.how},
                         {"passed", replayed.passed}});
    for (const Violation& violation : session.rules().violations()) {
        print_json("violation", to_json(violation));
    }
    if (!replayed.ended) {
        for (const Explanation& explanation : explain_end(end, session)) {
            print_out(explanation_json(explanation, session.lines()) + "\n");
        }
    }
}

Status replay_one(const GuestFiles& files, const ReplayOptions& options, const TraceFile& file, std::size_t width)
{
    auto created = Session::create(files, options.guest, file.trace.program, LogFilter::Normal);
    if (!created) {
        return refuse(created.error());
    }
    Session& session = **created;
    if (options.strict) {
        session.check_strictly();
    }
    const RunEnd end = session.run(session.script_for(file.trace.program), options.guest.limit);
    Replayed replayed{.how = describe_end(end, session), .ended = ended_well(end, session), .difference = {}};
    replayed.difference = compare_traces(file.trace, session.recorder().trace(), "the run ended: " + replayed.how);
    replayed.passed = !replayed.difference && replayed.ended && session.rules().total() == 0;
    if (options.json) {
        print_json_lines(file, end, session, replayed);
    } else {
        print_text(options.guest, file, width, end, session, replayed);
    }
    return replayed.passed ? kPass : kDifference;
}

Status replay(const ReplayOptions& options)
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
        } else if (const auto problem = files->refuse_program(trace->program)) {
            status = refuse_at_place(fmt::format("{}: error: {}", path, *problem));
        } else {
            traces.push_back({path, std::move(*trace)});
        }
    }
    if (status != kPass) {
        return status;
    }
    std::size_t width = 0, passed = 0;
    for (const TraceFile& file : traces) {
        width = std::max(width, file.path.size());
    }
    for (const TraceFile& file : traces) {
        const Status one = replay_one(*files, options, file, width);
        passed += one == kPass;
        status = std::max(status, one);
    }
    if (options.json) {
        print_json("totals", {{"traces", traces.size()}, {"passed", passed}});
    } else {
        print_out(fmt::format("{} of {} traces pass\n", passed, traces.size()));
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
    add_json_option(command, options->json);
    command.example("ringcheck replay build/aethelos.elf traces/*.trace");
    command.action([options] { return replay(*options); });
}

} // namespace ringcheck::cli
