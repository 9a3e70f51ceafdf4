// SPDX-License-Identifier: GPL-2.0-or-later
// ringcheck trace: looks at trace files, and runs nothing.
#include "cli/commands.h"
#include "cli/guest_options.h"
#include "cli/output_file.h"
#include "trace/trace_parse.h"
#include "trace/trace_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

namespace ringcheck::cli {
namespace {

struct TraceOptions {
    std::string what;
    std::vector<std::string> files;
};

Status lay_out_file(const std::string& path, const std::string& text, const Trace& trace)
{
    const std::string laid_out = lay_out(text, trace);
    if (laid_out == text) {
        return kPass;
    }
    if (const auto problem = write_file(path, laid_out)) {
        return refuse(*problem);
    }
    print_out(fmt::format("{} was laid out anew\n", path));
    return kPass;
}

Status look_at(const TraceOptions& options, const std::string& path)
{
    const auto text = read_text_file(path);
    if (!text) {
        return refuse_at_place(fmt::format("{}: error: {}", path, text.error()));
    }
    const auto trace = parse_trace(*text);
    if (!trace) {
        return refuse_at_place(format_parse_error(path, trace.error()));
    }
    if (options.what == "fmt") {
        return lay_out_file(path, *text, *trace);
    }
    if (options.what == "show") {
        print_out(summarise(*trace));
    }
    return kPass;
}

Status trace(const TraceOptions& options)
{
    Status status = kPass;
    for (const std::string& path : options.files) {
        status = std::max(status, look_at(options, path));
    }
    if (options.what == "lint" && status == kPass) {
        print_out(fmt::format("{} traces are as the grammar wants them\n", options.files.size()));
    }
    return status;
}

} // namespace

void add_trace(CommandLine& line)
{
    const auto options = std::make_shared<TraceOptions>();
    Command command = line.command("trace", "Check trace files, lay them out in one way, or show what is in them");
    command
        .option("what", options->what,
                "lint: is each as the grammar wants it; fmt: lay it out in place, with its comments; show: its calls")
        .required()
        .one_of({"lint", "fmt", "show"});
    command.option("traces", options->files, "Trace files").required().check(refuse_name).value("TRACE");
    command.example("ringcheck trace show traces/hello.trace");
    command.action([options] { return trace(*options); });
}

} // namespace ringcheck::cli
