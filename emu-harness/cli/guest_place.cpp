// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/guest_place.h"

#include "trace/trace.h"

#include <fmt/format.h>

#include <charconv>
#include <memory>
#include <span>
#include <string_view>

namespace ringcheck::cli {
namespace {

std::optional<std::uint64_t> number(std::string_view digits, int base)
{
    std::uint64_t value = 0;
    const std::span<const char> text{digits};
    const char* const last = std::to_address(text.end());
    const auto [end, error] = std::from_chars(std::to_address(text.begin()), last, value, base);
    return !digits.empty() && error == std::errc{} && end == last ? std::optional{value} : std::nullopt;
}

std::expected<ElfImage, std::string> program_image(const std::string& program, const GuestFiles& files)
{
    if (const auto problem = files.refuse_program(program)) {
        return std::unexpected(*problem);
    }
    return ElfImage::parse(*files.initrd.find(program));
}

std::optional<std::uint64_t> symbol(const ElfImage& image, const std::string& text)
{
    const NamedAddress parts = split_offset(text);
    const auto found = image.symbol(parts.name);
    return found ? std::optional{*found + static_cast<std::uint64_t>(parts.offset)} : std::nullopt;
}

std::expected<GuestPlace, std::string> in_program(const std::string& name, const std::string& program,
                                                  const GuestFiles& files)
{
    const auto image = program_image(program, files);
    if (!image) {
        return std::unexpected(image.error());
    }
    const auto address = symbol(*image, name);
    if (!address) {
        return std::unexpected(fmt::format("program '{}' has no symbol '{}'", program, name));
    }
    return GuestPlace{{}, *address, program};
}

} // namespace

std::expected<GuestPlace, std::string> parse_place(const std::string& text, const GuestFiles& files,
                                                   const std::string& program)
{
    if (text.starts_with('#')) {
        const auto count = number(std::string_view(text).substr(1), 10);
        if (!count) {
            return std::unexpected(fmt::format("a count is '#' and a whole number, not '{}'", text));
        }
        return GuestPlace{count, 0, ""};
    }
    if (text.starts_with("0x")) {
        const auto address = number(std::string_view(text).substr(2), 16);
        if (!address) {
            return std::unexpected(fmt::format("an address is 0x and hexadecimal digits, not '{}'", text));
        }
        return GuestPlace{{}, *address, ""};
    }
    if (const auto address = symbol(files.kernel, text)) {
        return GuestPlace{{}, *address, ""};
    }
    // "kernel::panic" is a symbol, "hello:main" one of a program
    if (const std::size_t colon = text.find(':'); colon != std::string::npos && !text.substr(colon).starts_with("::")) {
        return in_program(text.substr(colon + 1), text.substr(0, colon), files);
    }
    if (!program.empty()) {
        if (auto place = in_program(text, program, files)) {
            return place;
        }
    }
    return std::unexpected(fmt::format("the kernel has no symbol '{}'; a count is written #1234, an address 0x12ab, "
                                       "a symbol of a program PROGRAM:SYMBOL",
                                       text));
}

std::expected<GuestPlace, std::string> entry_of(const std::string& program, const GuestFiles& files)
{
    const auto image = program_image(program, files);
    if (!image) {
        return std::unexpected(image.error());
    }
    return GuestPlace{{}, image->entry(), program};
}

std::optional<RunEnd> run_to(const GuestPlace& place, std::uint64_t hits, Session& session, std::uint64_t limit)
{
    Machine& machine = session.machine();
    if (place.count) {
        RunEnd end = session.run_on(*place.count);
        return end.kind == EndKind::InstructionLimit ? std::nullopt : std::optional{std::move(end)};
    }
    const auto counts = [&] {
        const model::CpuState state = machine.state();
        const Process* const process = session.watch().processes().with_cr3(state.cr3);
        return place.program.empty() || (state.cpl == 3 && process != nullptr && process->name == place.program);
    };
    machine.stop_at(arch::VirtAddr{place.address});
    for (std::uint64_t reached = 0; reached < hits;) {
        RunEnd end = session.run_on(limit);
        if (end.kind != EndKind::WatchedAddress) {
            return end;
        }
        reached += counts();
    }
    machine.clear_stops();
    return std::nullopt;
}

} // namespace ringcheck::cli
