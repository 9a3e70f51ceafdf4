// SPDX-License-Identifier: GPL-2.0-or-later
// ringcheck record: runs a program and writes what it did as a trace.
#include "cli/commands.h"
#include "cli/end_report.h"
#include "cli/json_lines.h"
#include "cli/output_file.h"
#include "cli/session.h"
#include "trace/trace_print.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <memory>
#include <string>
#include <vector>

namespace ringcheck::cli {
namespace {

struct RecordOptions {
    GuestOptions guest;
    std::string program, output;
    std::vector<std::string> arguments;
    bool json = false;
};

Status record(const RecordOptions& options)
{
    const auto files = GuestFiles::load(options.guest);
    if (!files) {
        return refuse(files.error());
    }
    if (const auto problem = files->refuse_program(options.program)) {
        return refuse(*problem);
    }
    if (const auto problem = files->refuse_arguments(options.program, options.arguments)) {
        return refuse(*problem);
    }
    auto created = Session::create(*files, options.guest, options.program, LogFilter::Normal);
    if (!created) {
        return refuse(created.error());
    }
    Session& session = **created;
    const RunEnd end = session.run(session.script_for(options.program, options.arguments), options.guest.limit);
    for (const Violation& violation : session.rules().violations()) {
        print_error(format_violation(violation));
        if (options.json) {
            print_json("violation", to_json(violation));
        }
    }
    const bool ended = ended_well(end, session) && session.recorder().complete();
    const bool recorded = ended && session.rules().total() == 0;
    Trace trace = session.recorder().trace();
    trace.arguments = options.arguments;
    const std::string text = recorded ? print_trace(trace) : "";
    if (!ended) {
        print_error(fmt::format("ringcheck: {} {} did not end; {}\n", on_stderr(Colour::Bad, "error:"), options.program,
                                describe_end(end, session)));
        print_error(report_end(end, session));
    }
    if (!recorded) {
        print_error("note: nothing was recorded\n");
    } else if (options.output.empty()) {
        print_out(options.json ? "" : text);
    } else if (const auto problem = write_file(options.output, text)) {
        return refuse(*problem);
    }
    if (options.json) {
        print_json("recording", {{"program", options.program},
                                 {"output", options.output.empty() ? Json(nullptr) : Json(options.output)},
                                 {"events", recorded ? session.recorder().trace().events.size() : 0},
                                 {"trace", text},
                                 {"end", describe_end(end, session)},
                                 {"passed", recorded}});
    }
    return recorded ? kPass : kDifference;
}

} // namespace

void add_record(CommandLine& line)
{
    const auto options = std::make_shared<RecordOptions>();
    Command command = line.command("record", "Run a program and write what it did as a trace");
    add_guest_options(command, options->guest);
    command.option("--program", options->program, "The program of the initrd to record").required().value("NAME");
    command.option("--argument", options->arguments, "What the program is given behind its name; repeatable")
        .value("WORD")
        .one_value_each_time();
    command.option("-o,--output", options->output, "Where to write the trace [stdout]").value("FILE");
    add_json_option(command, options->json);
    command.example("ringcheck record build/aethelos.elf --program hello -o traces/hello.trace");
    command.action([options] { return record(*options); });
}

} // namespace ringcheck::cli
