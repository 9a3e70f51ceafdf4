// SPDX-License-Identifier: GPL-2.0-or-later
// ringcheck replay: runs the program of each trace and compares what it does with the trace.
#include "cli/commands.h"
#include "cli/end_report.h"
#include "cli/session.h"
#include "trace/compare.h"
#include "trace/trace_parse.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <memory>

namespace ringcheck::cli {
namespace {

struct ReplayOptions {
    GuestOptions guest;
    std::vector<std::string> traces;
};

struct TraceFile {
    std::string path;
    Trace trace;
};

void print_result(Colour colour, const char* result, const std::string& path, std::size_t width,
                  const std::string& what)
{
    print_out(fmt::format("{}  {:<{}}  {}\n", on_stdout(colour, result), path, width, what));
}

Status replay_one(const GuestFiles& files, const GuestOptions& options, const TraceFile& file, std::size_t width)
{
    auto created = Session::create(files, options, file.trace.program, LogFilter::Normal);
    if (!created) {
        return refuse(created.error());
    }
    Session& session = **created;
    const RunEnd end = session.run(session.script_for(file.trace.program), options.limit);
    const std::string how = describe_end(end, session);
    const auto difference = compare_traces(file.trace, session.recorder().trace(), "the run ended: " + how);
    const bool ended = end.kind == EndKind::PowerOff && !session.watch().panic();
    if (!difference && ended && session.rules().total() == 0) {
        print_result(Colour::Good, "pass", file.path, width,
                     fmt::format("{} events, {} crossings", file.trace.events.size(), session.log().crossings()));
        return kPass;
    }
    print_result(Colour::Bad, "FAIL", file.path, width,
                 difference ? "differs from the recording"
                 : ended    ? "breaks a rule"
                            : how);
    if (difference) {
        print_error(format_difference(file.path, *difference,
                                      fmt::format("to accept the new behaviour: ringcheck record {} --program {} -o {}",
                                                  options.kernel, file.trace.program, file.path)));
    }
    for (const Violation& violation : session.rules().violations()) {
        print_error(format_violation(violation));
    }
    if (!ended) {
        print_error(fmt::format("ringcheck: {} {}\n", on_stderr(Colour::Bad, "error:"), how) +
                    report_end(end, session));
    }
    return kDifference;
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
        const Status one = replay_one(*files, options.guest, file, width);
        passed += one == kPass;
        status = std::max(status, one);
    }
    print_out(fmt::format("{} of {} traces pass\n", passed, traces.size()));
    return status;
}

} // namespace

void add_replay(CLI::App& program, Status& status)
{
    const auto options = std::make_shared<ReplayOptions>();
    CLI::App* const command = program.add_subcommand("replay", "Run the program of each trace and compare");
    add_guest_options(*command, options->guest);
    command->add_option("traces", options->traces, "Trace files")->required()->type_name("TRACE");
    command->callback([options, &status] { status = replay(*options); });
}

} // namespace ringcheck::cli
