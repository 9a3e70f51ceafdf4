// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/session.h"

#include "trace/trace_parse.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <filesystem>

namespace ringcheck::cli {
namespace {

std::string default_initrd(const std::string& kernel)
{
    const std::filesystem::path path = std::filesystem::path(kernel).replace_filename("initrd.cpio");
    std::error_code unreadable;
    return std::filesystem::is_regular_file(path, unreadable) ? path.string() : "";
}

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

} // namespace

std::string refuse_count(const std::string& text)
{
    const bool digits =
        !text.empty() && text.size() < 19 && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
    return digits && text != "0" ? "" : "a count is a whole number from 1 to 10^18, not " + text;
}

void add_kernel_option(CLI::App& command, GuestOptions& options)
{
    command.add_option("kernel", options.kernel, "The kernel, an ELF file with a PVH note or a Multiboot header")
        ->required()
        ->type_name("FILE");
}

void add_initrd_option(CLI::App& command, GuestOptions& options)
{
    command.add_option("--initrd", options.initrd, "Boot module with the programs [initrd.cpio beside the kernel]")
        ->type_name("FILE");
}

void add_guest_options(CLI::App& command, GuestOptions& options)
{
    add_kernel_option(command, options);
    add_initrd_option(command, options);
    command
        .add_option("--module", options.modules,
                    "Another boot module, behind the initrd, and the text that the kernel gets with it; repeatable")
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
        ->type_name("FILE[,TEXT]");
    command.add_option("--protocol", options.protocol, "How to start the kernel [the first that it has a header for]")
        ->check(CLI::IsMember({"pvh", "multiboot2", "multiboot1"}))
        ->type_name("PROTOCOL");
    command.add_option("--append", options.append, "The kernel's command line")->type_name("TEXT");
    command.add_option("--prompt", options.prompt, "What the console shows when it waits for a line")
        ->type_name("TEXT");
    command.add_option("--cpu", options.cpu, "Whose manual decides where the two differ")
        ->check(CLI::IsMember({"intel", "amd"}))
        ->type_name("VENDOR")
        ->capture_default_str();
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
}

namespace {

std::expected<std::vector<std::byte>, std::string> read_bytes(const std::string& path)
{
    const auto text = read_text_file(path);
    if (!text) {
        return std::unexpected(fmt::format("{}: {}", path, text.error()));
    }
    const std::span<const std::byte> view = std::as_bytes(std::span(*text));
    return std::vector<std::byte>(view.begin(), view.end());
}

std::expected<GuestFiles::Module, std::string> read_module(const std::string& option)
{
    const std::size_t comma = option.find(',');
    auto bytes = read_bytes(option.substr(0, comma));
    if (!bytes) {
        return std::unexpected(bytes.error());
    }
    return GuestFiles::Module{std::move(*bytes), comma == std::string::npos ? "" : option.substr(comma + 1)};
}

} // namespace

std::expected<GuestFiles, std::string> GuestFiles::load(const GuestOptions& options)
{
    auto kernel = ElfImage::load(options.kernel);
    if (!kernel) {
        return std::unexpected(kernel.error());
    }
    GuestDescription guest = describe_guest(*kernel);
    GuestFiles files{.kernel = std::move(*kernel),
                     .initrd_path = options.initrd.empty() ? default_initrd(options.kernel) : options.initrd,
                     .initrd_bytes = {},
                     .initrd = {},
                     .modules = {},
                     .guest = std::move(guest)};
    for (const std::string& option : options.modules) {
        auto module = read_module(option);
        if (!module) {
            return std::unexpected(module.error());
        }
        files.modules.push_back(std::move(*module));
    }
    if (files.initrd_path.empty()) {
        return files;
    }
    auto bytes = read_bytes(files.initrd_path);
    if (!bytes) {
        return std::unexpected(bytes.error());
    }
    files.initrd_bytes = std::move(*bytes);
    auto archive = CpioArchive::parse(files.initrd_bytes);
    if (archive) {
        files.initrd = std::move(*archive);
    } else if (files.guest.has_landmarks()) { // another kernel's boot module may be anything
        return std::unexpected(fmt::format("{}: {}", files.initrd_path, archive.error()));
    }
    return files;
}

BootRequest GuestFiles::boot_request(const GuestOptions& options) const
{
    BootRequest request{boot_protocol(options.protocol), {}, options.append};
    if (!initrd_path.empty()) {
        request.modules.push_back({initrd_bytes, ""});
    }
    for (const Module& module : modules) {
        request.modules.push_back({module.bytes, module.text});
    }
    return request;
}

std::optional<std::string> GuestFiles::refuse_program(const std::string& program) const
{
    if (!guest.has_landmarks()) {
        return fmt::format(
            "this kernel has no symbol {}, so its programs cannot be told apart; use --prompt and --type "
            "instead of --program",
            aethelos().process_started_symbol);
    }
    if (initrd_path.empty()) {
        return fmt::format("program '{}' needs an initrd: there is no initrd.cpio beside the kernel, use --initrd",
                           program);
    }
    if (initrd.find(program) == nullptr) {
        return fmt::format("{}: there is no program '{}'; it has {}", initrd_path, program,
                           fmt::join(initrd.names(), ", "));
    }
    return std::nullopt;
}

Session::Session(const GuestFiles& files, const std::string& program, const std::string& prompt,
                 std::unique_ptr<Machine> machine, LogFilter filter)
    : files_(files), prompt_(prompt.empty() ? files.guest.prompt : prompt), machine_(std::move(machine)),
      memory_(*machine_), symbols_(files.guest, &files.kernel, &files.initrd),
      watch_(files.guest, files.kernel, memory_), log_(filter, watch_.processes()),
      rules_({files.guest, memory_, watch_.processes(), symbols_}), recorder_(program, memory_, symbols_),
      lines_(&files.kernel, &files.initrd), explainer_(symbols_, machine_->memory(), machine_->config().vendor),
      faults_(explainer_, watch_.processes())
{
}

std::expected<std::unique_ptr<Session>, std::string>
Session::create(const GuestFiles& files, const GuestOptions& options, const std::string& program, LogFilter filter)
{
    auto machine = Machine::create({.ram_bytes = options.ram_bytes,
                                    .vendor = options.cpu == "amd" ? model::Vendor::Amd : model::Vendor::Intel,
                                    .mode = options.step ? ExecutionMode::Step : ExecutionMode::Fast});
    if (!machine) {
        return std::unexpected(machine.error());
    }
    if (auto loaded = (*machine)->load(files.kernel, files.boot_request(options)); !loaded) {
        return std::unexpected(fmt::format("{}: {}", options.kernel, loaded.error()));
    }
    return std::unique_ptr<Session>(new Session(files, program, options.prompt, std::move(*machine), filter));
}

std::vector<std::string> Session::script_for(const std::string& program) const
{
    return {files_.guest.run_line(program), files_.guest.power_off_command};
}

RunEnd Session::run(std::vector<std::string> lines, std::uint64_t instructions)
{
    watch_.add(log_);
    if (check_rules_) {
        watch_.add(rules_);
    }
    watch_.add(recorder_);
    watch_.add(faults_);
    watch_.attach(*machine_);
    machine_->set_console_script({prompt_, std::move(lines)});
    return machine_->run({.instructions = instructions});
}

} // namespace ringcheck::cli
