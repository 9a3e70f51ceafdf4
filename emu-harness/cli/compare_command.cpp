// SPDX-License-Identifier: GPL-2.0-or-later
// ringcheck compare: holds a trace against the log of a kernel that ran somewhere else.
#include "cli/commands.h"
#include "cli/json_lines.h"
#include "cli/session.h"
#include "trace/compare.h"
#include "trace/symbolise.h"
#include "trace/syscall_log.h"
#include "trace/trace_parse.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>
#include <memory>

namespace ringcheck::cli {
namespace {

struct CompareOptions {
    GuestOptions guest;
    std::vector<std::string> traces;
    std::string log;
    bool json = false;
};

/// @param expected  as far as the log can have it
/// @param turn  which run of the trace's program it is about, from 0
Status compare_one(const std::string& path, const Trace& expected, unsigned turn, std::vector<Trace> runs,
                   const Symbols& symbols, const CompareOptions& options)
{
    auto run = std::ranges::find(runs, expected.program, &Trace::program);
    for (; turn > 0 && run != runs.end(); --turn) {
        run = std::ranges::find(run + 1, runs.end(), expected.program, &Trace::program);
    }
    const auto line = [&](const char* end, const std::optional<Difference>& difference, bool passed) {
        if (options.json) {
            print_json("trace", {{"path", path},
                                 {"program", expected.program},
                                 {"events", expected.events.size()},
                                 {"difference", difference ? to_json(*difference) : Json(nullptr)},
                                 {"log", options.log},
                                 {"end", end},
                                 {"passed", passed}});
        }
    };
    if (run == runs.end()) {
        line("did not run", std::nullopt, false);
        print_error(fmt::format("{}: error: program '{}' did not run\nnote: the log comes from a kernel that is booted "
                                "with the word 'trace' on its command line\n",
                                options.log, expected.program));
        return kDifference;
    }
    if (!expected.setting.children) {
        *run = without_children(std::move(*run));
    }
    symbolise(*run, symbols);
    const auto difference = compare_traces(expected, *run);
    line("ran", difference, !difference);
    if (!difference) {
        print_out(options.json ? ""
                               : fmt::format("{}  {}  {} events as in {}\n", on_stdout(Colour::Good, "pass"), path,
                                             expected.events.size(), options.log));
        return kPass;
    }
    print_out(options.json
                  ? ""
                  : fmt::format("{}  {}  differs from {}\n", on_stdout(Colour::Bad, "FAIL"), path, options.log));
    print_error(format_difference(path, *difference,
                                  fmt::format("actual is what {} says; the same program under ringcheck: ringcheck "
                                              "replay {} {}",
                                              options.log, options.guest.kernel, path)));
    return kDifference;
}

Status compare(const CompareOptions& options)
{
    const auto files = GuestFiles::load(options.guest);
    if (!files) {
        return refuse(files.error());
    }
    const auto text = read_text_file(options.log);
    if (!text) {
        return refuse_at_place(fmt::format("{}: error: {}", options.log, text.error()));
    }
    const auto runs = parse_syscall_log(*text);
    if (!runs) {
        return refuse_at_place(format_parse_error(options.log, runs.error()));
    }
    const Symbols symbols(files->guest, &files->kernel, &files->initrd);
    Status status = kPass;
    std::map<std::string, unsigned> turns; // how many traces of a program came before
    for (const std::string& path : options.traces) {
        const auto trace = load_trace(path);
        if (trace && trace->injected) {
            status = refuse_at_place(fmt::format("{}:{}: error: no program makes the calls of an injected trace, so no "
                                                 "log can show them; 'ringcheck replay' makes them",
                                                 path, trace->program_line));
            continue;
        }
        if (trace && trace->broken_seal) {
            print_error(format_broken_seal(path, *trace));
            status = std::max(status, kDifference);
        }
        status = std::max(status,
                          trace ? compare_one(path, as_logged(*trace), turns[trace->program]++, *runs, symbols, options)
                                : refuse_at_place(trace.error()));
    }
    return status;
}

} // namespace

void add_compare(CommandLine& line)
{
    const auto options = std::make_shared<CompareOptions>();
    Command command = line.command("compare", "Compare traces with the system call log of a kernel that ran elsewhere");
    add_kernel_option(command, options->guest);
    command.option("traces", options->traces, "Trace files").required().value("TRACE");
    command.option("--log", options->log, "What the kernel wrote on its second serial port").required().value("FILE");
    add_initrd_option(command, options->guest);
    add_json_option(command, options->json);
    add_description_option(command, options->guest);
    command.example("ringcheck compare build/aethelos.elf --log com2.log traces/hello.trace");
    command.action([options] { return compare(*options); });
}

} // namespace ringcheck::cli
