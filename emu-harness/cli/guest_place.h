// SPDX-License-Identifier: GPL-2.0-or-later
// A place in a run, as --at and --before name it: an instruction count or an address.
#pragma once

#include "cli/session.h"

#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <string>

namespace ringcheck::cli {

struct GuestPlace {
    std::optional<std::uint64_t> count; ///< instructions retired; empty: by address
    std::uint64_t address = 0;
    /// "": the address counts in whatever runs; else it is one of the program's file, and counts in ring 3, under that
    /// program's tables.
    std::string program;
    bool linked = false; ///< it is one of the kernel's file, and moves with the kernel
};

/// "#60000"; "0x400140"; "syscall_entry", "syscall_entry+0x12"; "hello:main", a symbol of a program.
/// @param program  where a symbol that the kernel does not have is looked for; "": nowhere
/// The error is one line, to stand behind the name of the option.
std::expected<GuestPlace, std::string> parse_place(const std::string& text, const GuestFiles& files,
                                                   const std::string& program);
/// The first instruction of a program.
std::expected<GuestPlace, std::string> entry_of(const std::string& program, const GuestFiles& files);

/// Runs to the place, which is an address, for the `hits`-th time.
/// @param run  runs the machine until it stops, or to an instruction count: the greatest lets it run as long as it may
/// @return EndKind::WatchedAddress when the place is reached and its instruction comes next, else how the run ended
RunEnd run_to_address(const GuestPlace& place, std::uint64_t hits, Machine& machine, const Processes& processes,
                      const GuestDescription& guest, const std::function<RunEnd(std::uint64_t count)>& run);
/// Runs to the place, for the `hits`-th time if it is an address.
/// @return how the run ended instead; nullopt: the place is reached and its instruction comes next
std::optional<RunEnd> run_to(const GuestPlace& place, std::uint64_t hits, Session& session, std::uint64_t limit);

} // namespace ringcheck::cli
