// SPDX-License-Identifier: GPL-2.0-or-later
// ringcheck export: writes a trace in the words of another tool.
#include "cli/commands.h"
#include "cli/guest_options.h"
#include "cli/output_file.h"
#include "trace/trace_parse.h"
#include "trace/trace_text.h"

#include <memory>

namespace ringcheck::cli {
namespace {

struct ExportOptions {
    std::string trace, output;
    bool strace = false;
};

Status export_trace(const ExportOptions& options)
{
    if (!options.strace) {
        return refuse("say in whose words: --strace is the only choice");
    }
    const auto trace = load_trace(options.trace);
    if (!trace) {
        return refuse_at_place(trace.error());
    }
    if (trace->broken_seal) {
        print_error(format_broken_seal(options.trace, *trace));
        return kDifference;
    }
    const std::string exported = print_as_strace(*trace);
    if (options.output.empty()) {
        print_out(exported);
        return kPass;
    }
    const auto problem = write_file(options.output, exported);
    return problem ? refuse(*problem) : kPass;
}

} // namespace

void add_export(CommandLine& line)
{
    const auto options = std::make_shared<ExportOptions>();
    Command command = line.command("export", "Write a trace as another tool would");
    command.option("trace", options->trace, "The trace").required().check(refuse_name).value("TRACE");
    command.flag("--strace", options->strace, "As strace prints it on Linux");
    command.option("-o,--output", options->output, "Where to write it [stdout]").value("FILE");
    command.example("ringcheck export --strace traces/hello.trace");
    command.action([options] { return export_trace(*options); });
}

} // namespace ringcheck::cli
