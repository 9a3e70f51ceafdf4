// SPDX-License-Identifier: GPL-2.0-or-later
// Reads the initrd, a cpio archive in the "new ASCII" format: the guest's programs, so that their symbols can be told.
// The kernel has a reader of its own; this one shares nothing with it.  [cpio(5) "New ASCII Format"]
#pragma once

#include "machine/shared_bytes.h"

#include <cstddef>
#include <expected>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ringcheck {

/// Adds a regular file, before which `archive` has whole entries and no trailer.  Of two files of one name, readers
/// take the first.
void append_file(std::vector<std::byte>& archive, const std::string& name, std::string_view contents);

class CpioArchive {
public:
    /// Errors are one line with the byte offset: "entry at byte 0x70: name ends beyond the archive" ...
    static std::expected<CpioArchive, std::string> parse(SharedBytes archive);

    /// The first regular file of that name, or nullptr.  "hello", "/hello" and "./hello" are the same name.
    const SharedBytes* find(const std::string& name) const;
    /// Names in order, without a leading "./" or "/".
    std::vector<std::string> names() const;
    std::span<const std::byte> bytes() const { return archive_; }

private:
    SharedBytes archive_;
    std::map<std::string, SharedBytes> files_;
};

} // namespace ringcheck
