// SPDX-License-Identifier: GPL-2.0-or-later
// ringcheck trace: looks at trace files, and runs nothing.
#include "cli/commands.h"
#include "cli/guest_options.h"
#include "cli/output_file.h"
#include "trace/seal.h"
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
    bool remove = false;
};

/// Writes the file when its text is another one than before, and says what was done.
Status rewrite(const std::string& path, const std::string& before, const std::string& after, std::string_view done)
{
    if (after == before) {
        return kPass;
    }
    if (const auto problem = write_file(path, after)) {
        return refuse(*problem);
    }
    print_out(fmt::format("{} {}\n", path, done));
    return kPass;
}

Status lay_out_file(const std::string& path, const std::string& text, const Trace& trace)
{
    const std::string laid_out = lay_out(without_seal(text), trace);
    return rewrite(path, text, is_sealed(text) ? with_seal(laid_out) : laid_out, "was laid out anew");
}

Status seal_file(const std::string& path, const std::string& text, bool remove)
{
    return remove ? rewrite(path, text, std::string(without_seal(text)), "has no seal any more")
                  : rewrite(path, text, with_seal(text), is_sealed(text) ? "was sealed anew" : "was sealed");
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
    if (options.what == "seal") {
        return seal_file(path, *text, options.remove);
    }
    if (trace->broken_seal) {
        print_error(format_broken_seal(path, *trace));
        return kDifference;
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
    if (options.remove && options.what != "seal") {
        return refuse(fmt::format("trace {} takes no --remove", options.what));
    }
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
                "lint: is each as the grammar wants it; fmt: lay it out in place, with its comments; show: its calls; "
                "seal: have it end in a seal that fits it")
        .required()
        .one_of({"lint", "fmt", "show", "seal"});
    command.option("traces", options->files, "Trace files").required().check(refuse_name).value("TRACE");
    command.flag("--remove", options->remove, "With seal: take the seals away");
    command.example("ringcheck trace show traces/hello.trace");
    command.action([options] { return trace(*options); });
}

} // namespace ringcheck::cli
