// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/guest_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace ringcheck::cli {
namespace {

/// "64M" and the like, in bytes.
std::expected<Taken, std::string> take_size(const std::string& text, std::uint64_t& bytes)
{
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const std::string unit(end, text.data() + text.size());
    const unsigned shift = unit == "K" ? 10 : unit == "M" ? 20 : unit == "G" ? 30 : 0;
    if (error != std::errc{} || (shift == 0 && !unit.empty()) || number > ~std::uint64_t{0} >> shift) {
        return std::unexpected("a size is a number of bytes, or one with K, M or G behind it, not " + text);
    }
    bytes = number << shift;
    return Taken::Yes;
}

std::expected<Taken, std::string> take_cpu(const std::string& text, CpuChoice& cpu)
{
    if (text == "help") {
        fmt::print("{}", cpu_help());
        return Taken::ProgramEnds;
    }
    auto choice = parse_cpu(text);
    if (!choice) {
        return std::unexpected(choice.error());
    }
    cpu = *choice;
    return Taken::Yes;
}

Taken take_progress(const std::string& text, ProgressMode& mode)
{
    mode = text == "always" ? ProgressMode::Always : text == "never" ? ProgressMode::Never : ProgressMode::Auto;
    return Taken::Yes;
}

} // namespace

std::string refuse_count(const std::string& text)
{
    const bool digits =
        !text.empty() && text.size() < 19 && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
    return digits && text != "0" ? "" : "a count is a whole number from 1 to 10^18, not " + text;
}

std::string refuse_name(const std::string& text)
{
    return text.empty() ? "the name of a file is empty" : "";
}

void add_kernel_option(Command& command, GuestOptions& options)
{
    command.option("kernel", options.kernel, "The kernel, an ELF file with a PVH note or a Multiboot header")
        .required()
        .check(refuse_name)
        .value("FILE");
}

void add_initrd_option(Command& command, GuestOptions& options)
{
    command.option("--initrd", options.initrd, "Boot module with the programs [initrd.cpio beside the kernel]")
        .value("FILE");
}

void add_description_option(Command& command, GuestOptions& options)
{
    command
        .option("--guest", options.description,
                "The description of the kernel, a TOML file; 'ringcheck describe' writes a first one [the built-in "
                "one that recognises the kernel]")
        .value("FILE");
}

void add_guest_options(Command& command, GuestOptions& options)
{
    add_kernel_option(command, options);
    add_description_option(command, options);
    add_initrd_option(command, options);
    Option from =
        command
            .option("--from", options.from,
                    "Go on from this snapshot of 'run --save-at' instead of booting; what was still to be typed is "
                    "typed, unless there is something new to type")
            .value("FILE");
    Option module =
        command
            .option("--module", options.modules,
                    "Another boot module, behind the initrd, and the text that the kernel gets with it; repeatable")
            .repeatable()
            .value("FILE[,TEXT]");
    Option protocol =
        command.option("--protocol", options.protocol, "How to start the kernel [the first that it has a header for]")
            .one_of({"pvh", "multiboot2", "multiboot1"})
            .value("PROTOCOL");
    Option append = command.option("--append", options.append, "The kernel's command line").value("TEXT");
    for (const Option boots : {module, protocol, append}) {
        from.excludes(boots); // the kernel has them already
    }
    command.option("--prompt", options.prompt, "What the console shows when it waits for a line").value("TEXT");
    command
        .option(
            "--cpu", [&options](const std::string& text) { return take_cpu(text, options.cpu); },
            fmt::format("Whose manual decides where the two differ, intel or amd, and what the CPU has, in QEMU's "
                        "spelling: intel,-smap,+rdseed. 'help' lists what there is: {} [intel]",
                        cpu_feature_names()))
        .value("VENDOR[,+FEATURE|,-FEATURE]...");
    command
        .option(
            "--ram", [&options](const std::string& text) { return take_size(text, options.ram_bytes); },
            "Memory, a multiple of 2M from 8M to 1G [64M]")
        .value("SIZE");
    command.flag("--step", options.step, "Look at each instruction by itself: slow, and the same in every line");
    command.option("--limit", options.limit, "Instructions after which the guest counts as hanging")
        .check(refuse_count)
        .value("COUNT")
        .show_default();
    command
        .option(
            "--progress", [&options](const std::string& text) { return take_progress(text, options.progress); },
            "When to show on stderr how far a run is: auto is on a terminal, after a second [auto]")
        .one_of({"auto", "always", "never"})
        .value("WHEN");
}

void add_script_options(Command& command, ScriptOptions& options)
{
    command.option("--program", options.program, "Run this program of the initrd, then power off").value("NAME");
    command.option("--type", options.typed, "Type this line at the prompt; may be repeated")
        .value("LINE")
        .one_value_each_time();
}

std::vector<std::string> script_lines(const ScriptOptions& options, const GuestDescription& guest, PowerOff power_off)
{
    if (options.continues && options.program.empty() && options.typed.empty()) {
        return {};
    }
    std::vector<std::string> lines;
    if (!options.program.empty() && !guest.run_command.empty()) {
        lines.push_back(guest.run_line(options.program));
    }
    lines.insert(lines.end(), options.typed.begin(), options.typed.end());
    const bool only_typed = options.program.empty() && !options.typed.empty();
    const bool ends = power_off == PowerOff::Always || !only_typed;
    if (ends && !guest.power_off_command.empty()) {
        lines.push_back(guest.power_off_command);
    }
    return lines;
}

Option add_strict_option(Command& command, bool& strict)
{
    return command.flag("--strict", strict, "Check the rules that look at each instruction too: slow");
}

Option add_json_option(Command& command, bool& json)
{
    return command.flag("--json", json, "Print one JSON object a line");
}

} // namespace ringcheck::cli
