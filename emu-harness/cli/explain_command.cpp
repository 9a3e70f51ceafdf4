// SPDX-License-Identifier: GPL-2.0-or-later
// ringcheck explain: why one exception was raised, or what one transition did.
#include "cli/commands.h"
#include "cli/end_report.h"
#include "cli/json_lines.h"
#include "cli/session.h"
#include "explain/explanation_text.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <memory>

namespace ringcheck::cli {
namespace {

struct ExplainOptions {
    GuestOptions guest;
    ScriptOptions script;
    std::optional<std::uint64_t> at;
    bool last_exception = false, json = false;
};

void print(const Explanation& explanation, const SourceLines& lines, bool json)
{
    const auto emphasis = [](std::string_view part) { return on_stdout(Colour::Bad, part); };
    print_out(json ? explanation_json(explanation, lines) + "\n" : explanation_text(explanation, lines, emphasis));
}

Status explain(const ExplainOptions& options)
{
    const auto files = GuestFiles::load(options.guest);
    if (!files) {
        return refuse(files.error());
    }
    if (!options.script.program.empty()) {
        if (const auto problem = files->refuse_program(options.script.program)) {
            return refuse(*problem);
        }
    }
    auto created = Session::create(*files, options.guest, options.script.program, LogFilter::Normal);
    if (!created) {
        return refuse(created.error());
    }
    Session& session = **created;
    if (const std::uint64_t begin = session.machine().instruction_count(); options.at && *options.at < begin) {
        return refuse(
            fmt::format("--at {}: {} begins at instruction {} already; start from an earlier snapshot or from "
                        "boot",
                        *options.at, options.guest.from, begin));
    }
    session.ignore_rules();
    using Kind = FaultWatch::Wish::Kind;
    session.faults().wish_for(options.at ? FaultWatch::Wish{Kind::AtCount, *options.at}
                                         : FaultWatch::Wish{Kind::LastException});
    // A transition at a count happens before the next instruction retires.
    const std::uint64_t limit = options.at ? *options.at + 1 : options.guest.limit;
    const RunEnd end = session.run(script_lines(options.script, files->guest, PowerOff::Always), limit);
    const std::vector<Explanation> found = session.faults().explanations();
    if (found.empty()) {
        const std::string problem =
            options.at ? fmt::format("nothing crossed or was raised at instruction {}; 'ringcheck run --all' lists the "
                                     "counts",
                                     *options.at)
                       : fmt::format("there was no exception; the run ended: {}", describe_end(end, session));
        if (options.json) {
            print_json("nothing", {{"problem", problem}});
        }
        return fail(problem);
    }
    if (!options.at && session.faults().all_served()) {
        print_error("ringcheck: note: every exception was served and ended nothing; this is the last of them\n");
    }
    for (std::size_t i = 0; i != found.size(); ++i) {
        Explanation explanation = found[i];
        follow_kept_value(explanation, session);
        print_out(i == 0 || options.json ? "" : "\n");
        print(explanation, session.lines(), options.json);
    }
    return kPass;
}

} // namespace

void add_explain(CommandLine& line)
{
    const auto options = std::make_shared<ExplainOptions>();
    Command command = line.command("explain", "Say why an exception was raised, or what a transition "
                                              "did: rule, tables bit by bit, source line, cause");
    add_guest_options(command, options->guest);
    add_script_options(command, options->script);
    const Option at =
        command.option("--at", options->at, "Explain what happened after so many instructions, as 'run' counts them")
            .check(refuse_count)
            .value("COUNT");
    command
        .flag("--last-exception", options->last_exception,
              "Explain the last exception that ended a program or the machine, or else the run's last (the default)")
        .excludes(at);
    add_json_option(command, options->json);
    command.example("ringcheck explain build/aethelos.elf --program read_kernel");
    command.action([options] {
        options->script.continues = !options->guest.from.empty();
        return explain(*options);
    });
}

} // namespace ringcheck::cli
