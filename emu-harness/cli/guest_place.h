// SPDX-License-Identifier: GPL-2.0-or-later
// A place in a run, as --at and --before name it: an instruction count or an address.
#pragma once

#include "cli/session.h"

#include <cstdint>
#include <expected>
#include <optional>
#include <string>

namespace ringcheck::cli {

struct GuestPlace {
    std::optional<std::uint64_t> count; ///< instructions retired; empty: by address
    std::uint64_t address = 0;
    std::string program; ///< "": the address counts in whatever runs; else in ring 3, under that program's tables
};

/// "#60000"; "0x400140"; "syscall_entry", "syscall_entry+0x12"; "hello:main", a symbol of a program.
/// @param program  where a symbol that the kernel does not have is looked for; "": nowhere
/// The error is one line, to stand behind the name of the option.
std::expected<GuestPlace, std::string> parse_place(const std::string& text, const GuestFiles& files,
                                                   const std::string& program);
/// The first instruction of a program.
std::expected<GuestPlace, std::string> entry_of(const std::string& program, const GuestFiles& files);

/// Runs to the place, for the `hits`-th time if it is an address.
/// @return how the run ended instead; nullopt: the place is reached and its instruction comes next
std::optional<RunEnd> run_to(const GuestPlace& place, std::uint64_t hits, Session& session, std::uint64_t limit);

} // namespace ringcheck::cli
