// SPDX-License-Identifier: GPL-2.0-or-later
// Reads the initrd, a cpio archive in the "new ASCII" format: the guest's programs, so that their symbols can be told.
// The kernel has a reader of its own; this one shares nothing with it.  [cpio(5) "New ASCII Format"]
#pragma once

#include <cstddef>
#include <expected>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace ringcheck {

class CpioArchive {
public:
    CpioArchive() = default;
    CpioArchive(CpioArchive&&) = default;
    CpioArchive& operator=(CpioArchive&&) = default; // a copy's files_ would point into the original
    /// Errors are one line with the byte offset: "entry at byte 0x70: name ends beyond the archive" ...
    static std::expected<CpioArchive, std::string> parse(std::vector<std::byte> archive);

    /// The first regular file of that name, or nullptr.  "hello", "/hello" and "./hello" are the same name.
    const std::span<const std::byte>* find(const std::string& name) const;
    /// Names in order, without a leading "./" or "/".
    std::vector<std::string> names() const;
    std::span<const std::byte> bytes() const { return archive_; }

private:
    std::vector<std::byte> archive_;
    std::map<std::string, std::span<const std::byte>> files_; ///< point into archive_, which never changes
};

} // namespace ringcheck
