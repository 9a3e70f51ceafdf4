// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/guest_options.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace ringcheck::cli {
namespace {

/// "64M" and the like, in bytes.
std::uint64_t parse_size(const std::string& text)
{
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const std::string unit(end, text.data() + text.size());
    const unsigned shift = unit == "K" ? 10 : unit == "M" ? 20 : unit == "G" ? 30 : 0;
    if (error != std::errc{} || (shift == 0 && !unit.empty()) || number > ~std::uint64_t{0} >> shift) {
        throw CLI::ValidationError("--ram",
                                   "a size is a number of bytes, or one with K, M or G behind it, not " + text);
    }
    return number << shift;
}

CpuChoice choose_cpu(const std::string& text)
{
    if (text == "help") {
        fmt::print("{}", cpu_help());
        throw CLI::Success();
    }
    auto choice = parse_cpu(text);
    if (!choice) {
        throw CLI::ValidationError("--cpu", choice.error());
    }
    return *choice;
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

void add_kernel_option(CLI::App& command, GuestOptions& options)
{
    command.add_option("kernel", options.kernel, "The kernel, an ELF file with a PVH note or a Multiboot header")
        ->required()
        ->check(refuse_name)
        ->type_name("FILE");
}

void add_initrd_option(CLI::App& command, GuestOptions& options)
{
    command.add_option("--initrd", options.initrd, "Boot module with the programs [initrd.cpio beside the kernel]")
        ->type_name("FILE");
}

void add_description_option(CLI::App& command, GuestOptions& options)
{
    command
        .add_option("--guest", options.description,
                    "The description of the kernel, a TOML file; 'ringcheck describe' writes a first one [the built-in "
                    "one that recognises the kernel]")
        ->type_name("FILE");
}

void add_guest_options(CLI::App& command, GuestOptions& options)
{
    add_kernel_option(command, options);
    add_description_option(command, options);
    add_initrd_option(command, options);
    auto* const from =
        command
            .add_option("--from", options.from,
                        "Go on from this snapshot of 'run --save-at' instead of booting; what was still to be typed is "
                        "typed, unless there is something new to type")
            ->type_name("FILE");
    auto* const module =
        command
            .add_option("--module", options.modules,
                        "Another boot module, behind the initrd, and the text that the kernel gets with it; repeatable")
            ->expected(1)
            ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
            ->type_name("FILE[,TEXT]");
    auto* const protocol =
        command
            .add_option("--protocol", options.protocol, "How to start the kernel [the first that it has a header for]")
            ->check(CLI::IsMember({"pvh", "multiboot2", "multiboot1"}))
            ->type_name("PROTOCOL");
    auto* const append = command.add_option("--append", options.append, "The kernel's command line")->type_name("TEXT");
    for (CLI::Option* const boots : {module, protocol, append}) {
        from->excludes(boots); // the kernel has them already
    }
    command.add_option("--prompt", options.prompt, "What the console shows when it waits for a line")
        ->type_name("TEXT");
    command
        .add_option_function<std::string>(
            "--cpu", [&options](const std::string& text) { options.cpu = choose_cpu(text); },
            fmt::format("Whose manual decides where the two differ, intel or amd, and what the CPU has, in QEMU's "
                        "spelling: intel,-smap,+rdseed. 'help' lists what there is: {} [intel]",
                        cpu_feature_names()))
        ->type_name("VENDOR[,+FEATURE|,-FEATURE]...");
    command
        .add_option_function<std::string>(
            "--ram", [&options](const std::string& text) { options.ram_bytes = parse_size(text); },
            "Memory, a multiple of 2M from 8M to 1G [64M]")
        ->type_name("SIZE");
    command.add_flag("--step", options.step, "Look at each instruction by itself: slow, and the same in every line");
    command.add_option("--limit", options.limit, "Instructions after which the guest counts as hanging")
        ->check(refuse_count)
        ->type_name("COUNT")
        ->capture_default_str();
    command
        .add_option_function<std::string>(
            "--progress",
            [&options](const std::string& text) {
                options.progress = text == "always"  ? ProgressMode::Always
                                   : text == "never" ? ProgressMode::Never
                                                     : ProgressMode::Auto;
            },
            "When to show on stderr how far a run is: auto is on a terminal, after a second [auto]")
        ->check(CLI::IsMember({"auto", "always", "never"}))
        ->type_name("WHEN");
}

void add_script_options(CLI::App& command, ScriptOptions& options)
{
    command.add_option("--program", options.program, "Run this program of the initrd, then power off")
        ->type_name("NAME");
    command.add_option("--type", options.typed, "Type this line at the prompt; may be repeated")
        ->type_name("LINE")
        ->allow_extra_args(false);
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

CLI::Option* add_strict_option(CLI::App& command, bool& strict)
{
    return command.add_flag("--strict", strict, "Check the rules that look at each instruction too: slow");
}

void add_json_option(CLI::App& command, bool& json)
{
    command.add_flag("--json", json, "Print one JSON object a line");
}

} // namespace ringcheck::cli
