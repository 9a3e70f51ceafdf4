// SPDX-License-Identifier: GPL-2.0-or-later
// Named sections in one file, with a hash of each.  All numbers are little-endian:
//     magic           8 bytes, 89 'R' 'C' 'S' 0d 0a 1a 0a
//     version         4 bytes, kVersion
//     sections        4 bytes, how many
//     file size       8 bytes
//     per section     name 8 bytes, filled up with zeros; size 8 bytes; hash 16 bytes
//     hash            16 bytes, of everything above, and so of the whole file
//     contents        of each section, in that order, nothing between them
// The hashes are content_hash.h's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ringcheck {

struct SnapshotSection {
    std::string name;
    std::vector<std::byte> bytes;
};

class SnapshotFile {
public:
    /// Grows with each change of the layout above, and of what a section means.
    static constexpr std::uint32_t kVersion = 6;
    static constexpr std::size_t kLongestName = 8;

    /// @param name  1 to kLongestName characters, not there yet
    void add(std::string name, std::vector<std::byte> bytes);
    /// nullptr: there is no such section.
    const std::vector<std::byte>* find(std::string_view name) const;
    const std::vector<SnapshotSection>& sections() const { return sections_; }

    std::vector<std::byte> encode() const;
    /// Fails with the reason, in words that follow "FILE: ".
    static std::expected<SnapshotFile, std::string> decode(std::span<const std::byte> bytes);

    /// Writes a file beside `path` and renames it, so that what stands at `path` is always whole, the old or the new.
    /// Fails with "PATH: REASON".
    std::expected<void, std::string> write(const std::string& path) const;
    static std::expected<SnapshotFile, std::string> read(const std::string& path);

private:
    std::vector<SnapshotSection> sections_;
};

} // namespace ringcheck
