// SPDX-License-Identifier: GPL-2.0-or-later
// Snapshots of a guest in files: a machine's, with the files that it runs and the processes that are known of it.
#pragma once

#include "cli/guest_files.h"
#include "cli/guest_options.h"
#include "machine/machine.h"
#include "watch/guest_watch.h"

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <vector>

namespace ringcheck::cli {

/// When a run is to be saved: after so many instructions, or before the first one of a function, the first time.
struct SavePoint {
    std::optional<std::uint64_t> count, address; ///< one of them
    std::string file;
    std::string text; ///< as it was given
};

/// --save-at
void add_save_option(Command& command, std::vector<std::string>& save_at);
/// "COUNT:FILE" or "SYMBOL:FILE" each; the error is one line.
/// @param begin  the count at which the run begins
std::expected<std::vector<SavePoint>, std::string> parse_save_points(const std::vector<std::string>& texts,
                                                                     const GuestFiles& files, std::uint64_t begin);

/// Fails with one line: it cannot be written; the host has no memory.
std::expected<void, std::string> write_snapshot(const std::string& path, const GuestFiles& files, Machine& machine,
                                                const GuestWatch& watch);
/// Reads options.from.  Fails with one line, and changes nothing then: it cannot be read, is damaged or of another
/// version, was made with another kernel, initrd or machine.
std::expected<void, std::string> load_snapshot(const GuestOptions& options, const GuestFiles& files, Machine& machine,
                                               GuestWatch& watch);

} // namespace ringcheck::cli
