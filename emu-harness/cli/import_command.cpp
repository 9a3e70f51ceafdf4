// SPDX-License-Identifier: GPL-2.0-or-later
// ringcheck import: makes a trace of what strace printed of a program on Linux.
#include "cli/commands.h"
#include "cli/guest_files.h"
#include "cli/guest_place.h"
#include "cli/json_lines.h"
#include "cli/output_file.h"
#include "trace/strace_import.h"
#include "trace/symbolise.h"
#include "trace/trace_parse.h"
#include "trace/trace_print.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <memory>

namespace ringcheck::cli {
namespace {

struct ImportOptions {
    GuestOptions guest;
    std::string log, program, output;
    bool json = false;
};

Status import(const ImportOptions& options)
{
    const auto files = GuestFiles::load(options.guest);
    if (!files) {
        return refuse(files.error());
    }
    const auto entry = entry_of(options.program, *files);
    if (!entry) {
        return refuse(entry.error());
    }
    const auto text = read_text_file(options.log);
    if (!text) {
        return refuse_at_place(fmt::format("{}: error: {}", options.log, text.error()));
    }
    const Symbols symbols(files->guest, &files->kernel, &files->initrd);
    const auto name = [&](std::uint64_t address) { return name_pointer(symbols, options.program, address); };
    const auto imported = import_strace(*text, files->guest.syscalls, name, options.program,
                                        name_code(symbols, options.program, entry->address));
    if (!imported) {
        return refuse_at_place(format_parse_error(options.log, imported.error()));
    }
    const std::string trace = print_trace(imported->trace);
    if (!options.output.empty()) {
        if (const auto problem = write_file(options.output, trace)) {
            return refuse(*problem);
        }
    } else if (!options.json) {
        print_out(trace);
    }
    for (const StraceSkip& skip : imported->skipped) {
        if (options.json) {
            print_json("skipped", {{"line", skip.line}, {"why", skip.why}, {"text", skip.text}});
        } else {
            print_error(fmt::format("{}:{}: left out: {}: {}\n", options.log, skip.line, skip.why, skip.text));
        }
    }
    if (options.json) {
        print_json("import", {{"program", options.program},
                              {"log", options.log},
                              {"output", options.output.empty() ? Json(nullptr) : Json(options.output)},
                              {"events", imported->trace.events.size()},
                              {"skipped", imported->skipped.size()},
                              {"trace", trace}});
    }
    return kPass;
}

} // namespace

void add_import(CommandLine& line)
{
    const auto options = std::make_shared<ImportOptions>();
    Command command = line.command("import", "Make a trace of what strace printed of a program on Linux");
    add_kernel_option(command, options->guest);
    command.option("log", options->log, "What strace wrote, with or without -f, -y, -v, -s, -t")
        .required()
        .value("LOG");
    command.option("--program", options->program, "The same program in the initrd").required().value("NAME");
    command.option("-o,--output", options->output, "Where to write the trace [stdout]").value("FILE");
    add_initrd_option(command, options->guest);
    add_json_option(command, options->json);
    add_description_option(command, options->guest);
    command.example("ringcheck import build/aethelos.elf hello.strace --program hello -o hello.trace");
    command.action([options] { return import(*options); });
}

} // namespace ringcheck::cli
