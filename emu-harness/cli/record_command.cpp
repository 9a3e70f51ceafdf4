// SPDX-License-Identifier: GPL-2.0-or-later
// ringcheck record: runs a program and writes what it did as a trace.
#include "cli/commands.h"
#include "cli/end_report.h"
#include "cli/json_lines.h"
#include "cli/output_file.h"
#include "cli/session.h"
#include "cli/trace_replay.h"
#include "trace/seal.h"
#include "trace/trace_parse.h"
#include "trace/trace_print.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

namespace ringcheck::cli {
namespace {

struct RecordOptions {
    GuestOptions guest;
    std::string program, output;
    std::vector<std::string> arguments, environment, files, input, injections;
    bool children = false, switches = false, seal = false, json = false;
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

/// What is to be recorded: a trace with no other events than those that come from outside.
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
    start.setting.children = options.children || options.switches;
    start.setting.switches = options.switches;
    for (const std::string& text : options.injections) {
        const auto injection = parse_injection(text);
        if (!injection) {
            return std::unexpected(fmt::format("--inject {}: {}", text, injection.error().text));
        }
        start.events.push_back({*injection, 0});
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
    if (const auto problem = refuse_injections(*files, *start)) {
        return refuse(problem->text);
    }
    files->give(start->setting.files);
    auto created = Session::create(*files, options.guest, options.program, LogFilter::Normal);
    if (!created) {
        return refuse(created.error());
    }
    Session& session = **created;
    const RunEnd end = run_program(session, *start, options.guest.limit);
    for (const Violation& violation : session.rules().violations()) {
        print_error(format_violation(violation));
        if (options.json) {
            print_json("violation", to_json(violation));
        }
    }
    const bool ended = ended_well(end, session) && session.recorder().complete();
    Trace trace = session.recorder().whole_trace();
    const auto came = std::ranges::count_if(
        trace.events, [](const Event& event) { return std::holds_alternative<InjectEvent>(event.what); });
    const bool all_came = static_cast<std::size_t>(came) == start->events.size();
    const bool recorded = ended && all_came && session.rules().total() == 0;
    trace.arguments = start->arguments;
    trace.setting = start->setting;
    std::string text = recorded ? print_trace(trace) : "";
    if (recorded && options.seal) {
        text = with_seal(text);
    }
    if (!ended) {
        print_error(fmt::format("ringcheck: {} {} did not end; {}\n", on_stderr(Colour::Bad, "error:"), options.program,
                                describe_end(end, session)));
        print_error(report_end(end, session));
    }
    if (ended && !all_came) {
        print_error(fmt::format("ringcheck: {} {} did not come to the place of '{}'\n",
                                on_stderr(Colour::Bad, "error:"), options.program,
                                print_event_body(start->events[static_cast<std::size_t>(came)])));
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
                                 {"events", recorded ? trace.events.size() : 0},
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
    command.flag("--children", options->children, "The program's children and theirs are recorded too");
    command.flag("--switches", options->switches,
                 "Likewise, with each place where one of them loses the CPU to another process");
    command
        .option("--inject", options->injections,
                "What comes to the program from outside, and before which instruction: 'nmi at main+0x12', "
                "'interrupt 32 at main', 'machine_check at main'; repeatable, in the order in which they come")
        .value("EVENT")
        .one_value_each_time();
    command.option("-o,--output", options->output, "Where to write the trace [stdout]").value("FILE");
    command.flag("--seal", options->seal, "The trace ends in a seal: changed by one character it no longer holds");
    add_json_option(command, options->json);
    command.example("ringcheck record build/aethelos.elf --program hello -o traces/hello.trace");
    command.action([options] { return record(*options); });
}

} // namespace ringcheck::cli
