// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/guest_files.h"

#include "watch/rule.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>

namespace ringcheck::cli {
namespace {

std::string default_initrd(const std::string& kernel)
{
    const std::filesystem::path path = std::filesystem::path(kernel).replace_filename("initrd.cpio");
    std::error_code unreadable;
    return std::filesystem::is_regular_file(path, unreadable) ? path.string() : "";
}

std::expected<GuestFiles::Module, std::string> read_module(const std::string& option)
{
    const std::size_t comma = option.find(',');
    auto bytes = SharedBytes::read(option.substr(0, comma));
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
    auto guest = options.description.empty() ? describe_guest(*kernel) : load_description(options.description, *kernel);
    if (!guest) {
        return std::unexpected(guest.error());
    }
    for (const std::string& id : guest->ignored_rules) {
        if (std::ranges::none_of(all_rules(), [&id](const Rule* rule) { return rule->id == id; })) {
            return std::unexpected(fmt::format(
                "{}: error: there is no rule '{}' to ignore; 'ringcheck rules' lists them", options.description, id));
        }
    }
    GuestFiles files{.kernel_path = options.kernel,
                     .kernel = std::move(*kernel),
                     .initrd_path = options.initrd.empty() ? default_initrd(options.kernel) : options.initrd,
                     .initrd_bytes = {},
                     .initrd = {},
                     .modules = {},
                     .guest = std::move(*guest)};
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
    auto bytes = SharedBytes::read(files.initrd_path);
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
        return "no description says where this kernel starts its programs, so they cannot be told apart; use --prompt "
               "and --type instead of --program, or give a --guest with a process_started landmark";
    }
    if (guest.run_command.empty()) {
        return std::nullopt; // the kernel starts its programs by itself
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

namespace {

/// What can be typed as a word of its own.
bool is_typed_word(std::string_view word)
{
    return !word.empty() && word != "&" && std::ranges::all_of(word, [](char c) { return c > ' ' && c < 0x7f; });
}

} // namespace

std::optional<std::string> GuestFiles::refuse_start(const Trace& trace) const
{
    const Setting& setting = trace.setting;
    if (guest.run_command.empty() && !(trace.arguments.empty() && setting.environment.empty())) {
        return "the kernel starts its programs by itself, and gives them no arguments";
    }
    for (std::size_t i = 0; i < trace.arguments.size(); ++i) {
        if (!is_typed_word(trace.arguments[i])) {
            return fmt::format("argument {} cannot be typed at a prompt: an argument is one word of printable ASCII, "
                               "and not '&'",
                               i + 1);
        }
    }
    for (const std::string& variable : setting.environment) {
        if (!is_typed_word(variable)) {
            return fmt::format("{} cannot be typed at a prompt: a variable is one word of printable ASCII", variable);
        }
    }
    const std::size_t words = trace.arguments.size() + setting.environment.size();
    if (guest.most_arguments && words > *guest.most_arguments) {
        return fmt::format("{} arguments{}: the guest's shell takes {} at most", words,
                           setting.environment.empty() ? "" : ", variables counted", *guest.most_arguments);
    }
    const std::size_t length = guest.run_line(trace.program, trace.arguments, setting.environment).size();
    if (guest.longest_line && length > *guest.longest_line) {
        return fmt::format("the line that runs the program has {} characters: the guest's shell takes {} at most",
                           length, *guest.longest_line);
    }
    std::size_t input = 0;
    for (const std::string& text : setting.input) {
        input += text.size();
    }
    if (input != 0 && guest.longest_input && length + 1 + input > *guest.longest_input) {
        return fmt::format("{} characters are typed for the program, its own line counted: the guest keeps {} until "
                           "somebody reads them",
                           length + 1 + input, *guest.longest_input);
    }
    if (!setting.files.empty() && initrd.bytes().empty()) {
        return "there is no initrd for the trace's files to be in: use --initrd";
    }
    return std::nullopt;
}

void GuestFiles::give(const std::vector<GivenFile>& given)
{
    std::vector<std::byte> archive;
    for (const GivenFile& file : given) {
        append_file(archive, file.name, file.contents);
    }
    archive.insert(archive.end(), initrd_bytes.view().begin(), initrd_bytes.view().end());
    initrd_bytes = SharedBytes(std::move(archive));
    if (auto parsed = CpioArchive::parse(initrd_bytes)) { // as it could be before
        initrd = *std::move(parsed);
    }
}

} // namespace ringcheck::cli
