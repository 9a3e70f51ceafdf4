// SPDX-License-Identifier: GPL-2.0-or-later
// ringcheck run: boots, types, watches, and shows the console, the transitions and a summary.
#include "cli/commands.h"
#include "cli/end_report.h"
#include "cli/json_lines.h"
#include "cli/session.h"
#include "explain/explanation_text.h"
#include "watch/transition_format.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cstdio>
#include <memory>
#include <set>

namespace ringcheck::cli {
namespace {

struct RunOptions {
    std::vector<std::string> save_at;
    GuestOptions guest;
    ScriptOptions script;
    bool json = false, all = false, no_rules = false, strict = false;
    std::optional<std::uint64_t> stop_at;
};

/// Shows the console while the guest writes to it.
class ConsolePrinter final : public GuestObserver {
public:
    explicit ConsolePrinter(Progress& progress) : progress_(progress) {}
    void on_console(char character) override
    {
        if (character != '\r') { // the terminal of a serial line needs it, this one does not
            progress_.hide();
            std::fputc(character, stdout);
            at_line_start_ = character == '\n';
        }
    }
    bool at_line_start() const { return at_line_start_; }

private:
    Progress& progress_;
    bool at_line_start_ = true;
};

/// Names each thing that the guest used and the machine does not have, once.
class UnmodelledPrinter final : public GuestObserver {
public:
    explicit UnmodelledPrinter(bool json) : json_(json) {}
    void on_unmodelled(std::uint64_t count, std::string_view what) override
    {
        if (seen_.insert(std::string(what)).second) {
            print_error(fmt::format("ringcheck: note: instruction {}: {} is not modelled\n", count, what));
            if (json_) {
                print_json("unmodelled", {{"count", count}, {"what", what}});
            }
        }
    }

private:
    bool json_;
    std::set<std::string> seen_;
};

/// What the run came to.
struct Verdict {
    std::string end;
    bool all_saved = false;        ///< the run came by wherever --save-at says
    bool stopped_as_asked = false; ///< by --stop-at
    bool ended_as_asked = false;
    bool program_missing = false; ///< it was to run and did not end
    bool passed = false;
};

Verdict judge(const RunOptions& options, const RunEnd& end, Session& session)
{
    Verdict verdict{.end = describe_end(end, session)};
    if (options.stop_at && end.kind == EndKind::InstructionLimit) {
        verdict.end = "stopped as asked";
        verdict.stopped_as_asked = true;
    }
    verdict.ended_as_asked = ended_well(end, session) || verdict.stopped_as_asked;
    verdict.program_missing =
        !options.script.program.empty() && !verdict.stopped_as_asked && !session.recorder().complete();
    verdict.all_saved = session.not_saved().empty();
    verdict.passed =
        verdict.all_saved && verdict.ended_as_asked && !verdict.program_missing && session.rules().total() == 0;
    return verdict;
}

std::vector<LogRow> rows_to_show(const RunOptions& options, Session& session)
{
    return options.all || options.script.program.empty() ? session.log().rows()
                                                         : session.log().of_program(options.script.program);
}

void print_json_lines(const RunOptions& options, const RunEnd& end, Session& session, const Verdict& verdict)
{
    print_json("console", {{"text", session.machine().console()}});
    for (const LogRow& row : rows_to_show(options, session)) {
        print_out(format_json(row, session.symbols()) + "\n");
    }
    for (const Violation& violation : session.rules().violations()) {
        print_json("violation", to_json(violation));
    }
    if (!verdict.ended_as_asked) {
        for (const Explanation& explanation : explain_end(end, session)) {
            print_out(explanation_json(explanation, session.lines()) + "\n");
        }
    }
    Json totals = Json::object();
    for (const TransitionKind kind : kTransitionKinds) {
        totals[to_string(kind)] = session.log().total(kind);
    }
    print_json("summary", {{"instructions", session.machine().instruction_count()},
                           {"transitions", totals},
                           {"crossings", session.log().crossings()},
                           {"rule_checks", session.rules().checks()},
                           {"violations", session.rules().total()},
                           {"end", verdict.end},
                           {"passed", verdict.passed}});
}

void print_summary(Session& session, const Verdict& verdict)
{
    std::string kinds;
    for (const TransitionKind kind : kTransitionKinds) {
        if (const std::uint64_t total = session.log().total(kind); total != 0) {
            kinds += fmt::format("{}{} {}", kinds.empty() ? "" : ", ", total, to_string(kind));
        }
    }
    const RuleReport& rules = session.rules();
    print_out(on_stdout(Colour::Heading, "summary") + "\n");
    print_out(fmt::format("  {} instructions, {} crossings between the rings\n"
                          "  transitions: {}\n"
                          "  rules: {} checks of {} rules, {}\n"
                          "  end: {}\n",
                          session.machine().instruction_count(), session.log().crossings(),
                          kinds.empty() ? "none" : kinds, rules.checks(), session.rule_count(),
                          rules.total() == 0 ? on_stdout(Colour::Good, "no violation")
                                             : on_stdout(Colour::Bad, fmt::format("{} violation{}", rules.total(),
                                                                                  rules.total() == 1 ? "" : "s")),
                          verdict.end));
    if (session.log().dropped() != 0) {
        print_out(fmt::format("  {} later transitions were counted and not kept\n", session.log().dropped()));
    }
}

void print_table(const RunOptions& options, Session& session)
{
    const std::vector<LogRow> rows = rows_to_show(options, session);
    const bool part = !options.all && !options.script.program.empty();
    print_out("\n" + on_stdout(Colour::Heading, part ? "transitions of " + options.script.program : "transitions") +
              "\n");
    print_out(rows.empty() ? "none\n" : format_table(rows, session.symbols()));
    print_out("\n");
}

void print_failures(const RunOptions& options, const RunEnd& end, Session& session, const Verdict& verdict)
{
    for (const Violation& violation : session.rules().violations()) {
        print_error("\n" + format_violation(violation));
    }
    for (const SavePoint& point : session.not_saved()) {
        print_error(fmt::format("\nringcheck: {} --save-at {}: nothing was saved, for the run ended after {} "
                                "instructions without coming by there\n",
                                on_stderr(Colour::Bad, "error:"), point.text, session.machine().instruction_count()));
    }
    if (!verdict.ended_as_asked) {
        print_error(fmt::format("\nringcheck: {} {}\n", on_stderr(Colour::Bad, "error:"), verdict.end) +
                    report_end(end, session));
    } else if (verdict.program_missing) {
        print_error(fmt::format("\nringcheck: {} {} did not {}\n", on_stderr(Colour::Bad, "error:"),
                                options.script.program, session.recorder().started() ? "end" : "start"));
    }
}

Status run(const RunOptions& options)
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
    auto created = Session::create(*files, options.guest, options.script.program,
                                   options.all ? LogFilter::All : LogFilter::Normal);
    if (!created) {
        return refuse(created.error());
    }
    Session& session = **created;
    ConsolePrinter console(session.progress());
    UnmodelledPrinter unmodelled(options.json);
    session.watch().add(unmodelled);
    if (!options.json) {
        session.watch().add(console);
    }
    if (options.strict) {
        session.check_strictly();
    }
    if (options.no_rules) {
        session.ignore_rules();
    }
    auto save_points = parse_save_points(options.save_at, *files, session.machine().instruction_count());
    if (!save_points) {
        return refuse(save_points.error());
    }
    session.save_at(std::move(*save_points));
    const RunEnd end = session.run(script_lines(options.script, files->guest, PowerOff::UnlessOnlyTyped),
                                   options.stop_at.value_or(options.guest.limit));
    if (session.save_error()) {
        return refuse(*session.save_error());
    }
    const Verdict verdict = judge(options, end, session);
    if (options.json) {
        print_json_lines(options, end, session, verdict);
    } else {
        print_out(console.at_line_start() ? "" : "\n");
        print_table(options, session);
        print_summary(session, verdict);
        print_out(verdict.stopped_as_asked ? report_stop(session) : "");
    }
    print_failures(options, end, session, verdict);
    return verdict.passed ? kPass : kDifference;
}

} // namespace

void add_run(CommandLine& line)
{
    const auto options = std::make_shared<RunOptions>();
    Command command = line.command("run", "Boot a kernel, run a program, show every change of ring");
    add_guest_options(command, options->guest);
    add_script_options(command, options->script);
    command.option("--stop-at", options->stop_at, "Stop after so many instructions and show where")
        .check(refuse_count)
        .value("COUNT");
    add_save_option(command, options->save_at);
    add_json_option(command, options->json);
    command.flag("--all", options->all, "Show all transitions from boot on, SWAPGS too");
    const Option none = command.flag("--no-rules", options->no_rules, "Watch without checking the rules");
    add_strict_option(command, options->strict).excludes(none);
    command.example("ringcheck run build/aethelos.elf --program hello");
    command.action([options] {
        options->script.continues = !options->guest.from.empty();
        return run(*options);
    });
}

} // namespace ringcheck::cli
