// SPDX-License-Identifier: GPL-2.0-or-later
// ringcheck check: runs boots, programs and traces under all rules and reports a case for each run and each rule.
#include "cli/check_report.h"
#include "cli/commands.h"
#include "cli/end_report.h"
#include "cli/json_lines.h"
#include "cli/output_file.h"
#include "cli/session.h"
#include "cli/trace_replay.h"
#include "trace/compare.h"
#include "trace/trace_parse.h"
#include "watch/rule.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <memory>

namespace ringcheck::cli {
namespace {

using Outcome = CheckCase::Outcome;

struct CheckOptions {
    GuestOptions guest;
    std::vector<std::string> traces, programs;
    std::string junit;
    bool tap = false, json = false, strict = false;
};

/// A boot, perhaps with a program, perhaps with what that is to do.
struct Run {
    std::string name, program;
    std::optional<Trace> trace;
};

std::expected<std::vector<Run>, Status> runs_of(const CheckOptions& options, const GuestFiles& files)
{
    std::vector<Run> runs;
    Status status = kPass;
    for (const std::string& program : options.programs) {
        if (const auto problem = files.refuse_program(program)) {
            status = refuse(*problem);
        }
        runs.push_back({program, program, {}});
    }
    for (const std::string& path : options.traces) {
        auto trace = load_trace(path);
        if (!trace) {
            status = refuse_at_place(trace.error());
        } else if (const auto problem = refuse_trace(files, path, *trace, !options.guest.from.empty())) {
            status = refuse_at_place(*problem);
        } else {
            runs.push_back({path, trace->program, std::move(*trace)});
        }
    }
    if (status != kPass) {
        return std::unexpected(status);
    }
    if (runs.empty()) {
        runs.push_back({"boot", "", {}});
    }
    return runs;
}

/// Without a command to power off, a kernel that waits for good has come to the end of what it does.
bool came_to_its_end(const RunEnd& end, Session& session)
{
    const bool can_power_off = !session.files().guest.power_off_command.empty();
    return ended_well(end, session) || (!session.watch().panic() && !can_power_off && end.kind == EndKind::Halted);
}

Replay run_it(const Run& run, Session& session, std::uint64_t limit)
{
    if (run.trace) {
        return replay_trace(session, *run.trace, limit);
    }
    Replay replay{};
    replay.end = session.run(script_lines({run.program, {}}, session.files().guest, PowerOff::Always), limit);
    replay.how = describe_end(replay.end, session);
    return replay;
}

CheckCase judge(const Run& run, const Replay& replayed, Session& session)
{
    CheckCase result{"runs", run.name, Outcome::Passed, "", "", 0};
    const RunEnd& end = replayed.end;
    const std::string& how = replayed.how;
    if (replayed.difference) {
        result.outcome = Outcome::Failed;
        result.message = replayed.difference->summary;
        result.details = format_difference(run.name, *replayed.difference, "");
    }
    if (run.trace && !replayed.difference && run.trace->broken_seal) {
        result.outcome = Outcome::Failed;
        result.message = run.trace->broken_seal->text;
        result.details = format_broken_seal(run.name, *run.trace);
    }
    if (run.trace) {
        if (replayed.ended) {
            return result;
        }
    } else if (!run.program.empty() && !session.recorder().complete()) {
        result.outcome = Outcome::Failed;
        result.message = fmt::format("{} did not {}", run.program, session.recorder().started() ? "end" : "start");
    }
    if (!came_to_its_end(end, session)) {
        result.message = result.outcome == Outcome::Failed ? result.message + "; " + how : how;
        result.outcome = Outcome::Failed;
        result.details += without_colour(report_end(end, session)); // it goes to files, too
    }
    return result;
}

/// A case for each rule, with what the runs have found so far.
class RuleCases {
public:
    RuleCases(const GuestFiles& files, bool strict)
    {
        for (const Rule* const rule : all_rules()) {
            cases_.push_back({"rules", rule->id, Outcome::Passed, "", "", 0});
            if (rule->cost == RuleCost::Strict && !strict) {
                skip(cases_.back(), "needs a look at each instruction: --strict");
            } else if (*rule->needs != '\0' && !files.guest.has_landmarks()) {
                skip(cases_.back(), fmt::format("needs a description of the kernel: {}", rule->needs));
            }
        }
    }

    void add(const std::string& run, const RuleReport& report)
    {
        for (const Violation& violation : report.violations()) {
            const auto found = std::ranges::find(cases_, violation.rule->id, &CheckCase::name);
            found->message = found->outcome == Outcome::Failed ? found->message + ", " + run : "violated in " + run;
            found->outcome = Outcome::Failed;
            found->details += fmt::format("in {}:\n{}", run, format_violation(violation));
        }
    }

    const std::vector<CheckCase>& cases() const { return cases_; }

private:
    static void skip(CheckCase& one, std::string why)
    {
        one.outcome = Outcome::Skipped;
        one.message = std::move(why);
    }

    std::vector<CheckCase> cases_;
};

void print_json_lines(const std::vector<CheckCase>& cases)
{
    for (const CheckCase& one : cases) {
        print_json("case", {{"suite", one.suite},
                            {"name", one.name},
                            {"outcome", to_string(one.outcome)},
                            {"message", one.message},
                            {"details", one.details}});
    }
    const CheckTotals totals = count_cases(cases);
    print_json(
        "check_totals",
        {{"cases", cases.size()}, {"passed", totals.passed}, {"failed", totals.failed}, {"skipped", totals.skipped}});
}

Status check(const CheckOptions& options)
{
    if (!options.junit.empty()) {
        if (const auto problem = refuse_to_write(options.junit)) {
            return refuse(*problem);
        }
    }
    const auto files = GuestFiles::load(options.guest);
    if (!files) {
        return refuse(files.error());
    }
    const auto runs = runs_of(options, *files);
    if (!runs) {
        return runs.error();
    }
    std::vector<CheckCase> cases;
    RuleCases rules(*files, options.strict);
    for (const Run& run : *runs) {
        const auto begin = std::chrono::steady_clock::now();
        const auto own = run.trace ? own_files(options.guest, *run.trace) : nullptr;
        if (!own) {
            return refuse(own.error());
        }
        auto created = Session::create(*own ? **own : *files, options.guest, run.program, LogFilter::Normal);
        if (!created) {
            return refuse(created.error());
        }
        Session& session = **created;
        if (options.strict) {
            session.check_strictly();
        }
        cases.push_back(judge(run, run_it(run, session, options.guest.limit), session));
        cases.back().seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
        rules.add(run.name, session.rules());
    }
    cases.insert(cases.end(), rules.cases().begin(), rules.cases().end());
    if (options.json) {
        print_json_lines(cases);
    } else {
        print_out(options.tap ? check_tap(cases) : check_text(cases));
    }
    if (!options.junit.empty()) {
        if (const auto problem = write_file(options.junit, check_junit(cases))) {
            return refuse(*problem);
        }
    }
    return count_cases(cases).failed == 0 ? kPass : kDifference;
}

} // namespace

void add_check(CommandLine& line)
{
    const auto options = std::make_shared<CheckOptions>();
    Command command =
        line.command("check", "Run boots, programs and traces under all rules and report for continuous integration");
    add_guest_options(command, options->guest);
    command.option("traces", options->traces, "Trace files, whose programs are run and compared [only boot]")
        .check(refuse_name)
        .value("TRACE");
    command.option("--program", options->programs, "Run this program of the initrd; may be repeated")
        .value("NAME")
        .one_value_each_time();
    add_strict_option(command, options->strict);
    command.option("--junit", options->junit, "Write the cases as JUnit XML, too").value("FILE");
    Option tap = command.flag("--tap", options->tap, "Print the cases in the Test Anything Protocol");
    tap.excludes(add_json_option(command, options->json));
    command.example("ringcheck check build/aethelos.elf traces/*.trace --junit ringcheck.xml");
    command.action([options] { return check(*options); });
}

} // namespace ringcheck::cli
