// SPDX-License-Identifier: GPL-2.0-or-later
// ringcheck record: runs a program and writes what it did as a trace.
#include "cli/commands.h"
#include "cli/end_report.h"
#include "cli/json_lines.h"
#include "cli/output_file.h"
#include "cli/session.h"
#include "trace/trace_parse.h"
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
    std::vector<std::string> arguments, environment, files, input;
    bool json = false;
};

/// "NAME=PATH": what is at PATH, as NAME in the initrd.
std::expected<GivenFile, std::string> given_file(const std::string& text)
{
    const std::size_t sign = text.find('=');
    if (sign == std::string::npos || !is_program_name(text.substr(0, sign)) || text.starts_with('/')) {
        return std::unexpected(fmt::format("--file takes NAME=PATH, not '{}'", text));
    }
    const std::string path = text.substr(sign + 1);
    auto contents = read_text_file(path);
    if (!contents) {
        return std::unexpected(fmt::format("{}: {}", path, contents.error()));
    }
    return GivenFile{text.substr(0, sign), *std::move(contents)};
}

/// What is to be recorded: a trace without events.
std::expected<Trace, std::string> start_of(const RecordOptions& options)
{
    Trace start;
    start.program = options.program;
    start.arguments = options.arguments;
    start.setting.environment = options.environment;
    start.setting.input = options.input;
    for (const std::string& file : options.files) {
        auto given = given_file(file);
        if (!given) {
            return std::unexpected(given.error());
        }
        start.setting.files.push_back(*std::move(given));
    }
    if (const auto parsed = parse_trace(print_trace(start) + "exit status 0\n"); !parsed) {
        return std::unexpected(parsed.error().text); // it must be possible to write it down
    }
    return start;
}

Status record(const RecordOptions& options)
{
    auto files = GuestFiles::load(options.guest);
    if (!files) {
        return refuse(files.error());
    }
    if (const auto problem = files->refuse_program(options.program)) {
        return refuse(*problem);
    }
    const auto start = start_of(options);
    if (!start) {
        return refuse(start.error());
    }
    if (const auto problem = files->refuse_start(*start)) {
        return refuse(*problem);
    }
    files->give(start->setting.files);
    auto created = Session::create(*files, options.guest, options.program, LogFilter::Normal);
    if (!created) {
        return refuse(created.error());
    }
    Session& session = **created;
    const RunEnd end = session.run(session.script_for(*start), options.guest.limit);
    for (const Violation& violation : session.rules().violations()) {
        print_error(format_violation(violation));
        if (options.json) {
            print_json("violation", to_json(violation));
        }
    }
    const bool ended = ended_well(end, session) && session.recorder().complete();
    const bool recorded = ended && session.rules().total() == 0;
    Trace trace = session.recorder().trace();
    trace.arguments = start->arguments;
    trace.setting = start->setting;
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
    command.option("--environment", options->environment, "A variable that the program is given; repeatable")
        .value("NAME=VALUE")
        .one_value_each_time();
    command.option("--file", options->files, "A file that the initrd has then; repeatable")
        .value("NAME=PATH")
        .one_value_each_time();
    command.option("--input", options->input, "What is typed for the program, a newline for Enter; repeatable")
        .value("TEXT")
        .one_value_each_time();
    command.option("-o,--output", options->output, "Where to write the trace [stdout]").value("FILE");
    add_json_option(command, options->json);
    command.example("ringcheck record build/aethelos.elf --program hello -o traces/hello.trace");
    command.action([options] { return record(*options); });
}

} // namespace ringcheck::cli
