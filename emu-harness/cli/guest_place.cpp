// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/guest_place.h"

#include "trace/trace.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>
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
    return ElfImage::parse(*files.initrd.find(program), ElfUse::Program);
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

/// The machine stands where a process is announced, and the program's base with it.
bool begins_process(const model::CpuState& state, const GuestDescription& guest)
{
    return guest.program_base && guest.process_started && state.rip == guest.process_started->address;
}

std::uint64_t here(const GuestPlace& place, const GuestDescription& guest)
{
    return place.linked ? guest.here(place.address) : place.address;
}

/// Stops the machine wherever the place is now: the kernel may still move, and a program may be in memory at several
/// bases, or at none yet.
void stop_at_place(const GuestPlace& place, Machine& machine, const Processes& processes, const GuestDescription& guest)
{
    machine.clear_stops();
    if (const auto moves_at = guest.moves_at()) {
        machine.stop_at(arch::VirtAddr{*moves_at});
    }
    if (place.program.empty() || !guest.program_base || !guest.process_started) {
        return machine.stop_at(arch::VirtAddr{here(place, guest)});
    }
    machine.stop_at(arch::VirtAddr{guest.process_started->address});
    for (const Process& process : processes.all()) {
        if (!process.ended && process.program.name == place.program) {
            machine.stop_at(arch::VirtAddr{process.program.base + place.address});
        }
    }
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
        return GuestPlace{{}, *address, "", true};
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

RunEnd run_to_address(const GuestPlace& place, std::uint64_t hits, Machine& machine, const Processes& processes,
                      const GuestDescription& guest, const std::function<RunEnd(std::uint64_t count)>& run)
{
    const auto counts = [&](std::uint64_t kernel_place) {
        const model::CpuState state = machine.state();
        const Program& program = processes.program_with_cr3(state.cr3);
        return place.program.empty()
                   ? state.rip == kernel_place
                   : (state.cpl == 3 && program.name == place.program && state.rip == program.base + place.address);
    };
    RunEnd end;
    for (std::uint64_t reached = 0; reached < hits;) {
        stop_at_place(place, machine, processes, guest);
        const std::uint64_t kernel_place = here(place, guest); // when the kernel moves, the watch knows it at once
        end = run(std::numeric_limits<std::uint64_t>::max());
        if (end.kind != EndKind::WatchedAddress) {
            break;
        }
        reached += counts(kernel_place);
        if (!place.program.empty() && begins_process(machine.state(), guest)) {
            end = run(machine.instruction_count() + 1); // behind it the watch knows the process
            if (end.kind != EndKind::InstructionLimit) {
                break;
            }
        }
    }
    machine.clear_stops();
    return end;
}

std::optional<RunEnd> run_to(const GuestPlace& place, std::uint64_t hits, Session& session, std::uint64_t limit)
{
    if (place.count) {
        RunEnd end = session.run_on(*place.count);
        return end.kind == EndKind::InstructionLimit ? std::nullopt : std::optional{std::move(end)};
    }
    RunEnd end =
        run_to_address(place, hits, session.machine(), session.watch().processes(), session.symbols().guest(),
                       [&session, limit](std::uint64_t count) { return session.run_on(std::min(count, limit)); });
    return end.kind == EndKind::WatchedAddress ? std::nullopt : std::optional{std::move(end)};
}

} // namespace ringcheck::cli
