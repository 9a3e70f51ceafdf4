// SPDX-License-Identifier: GPL-2.0-or-later
#include "machine/snapshot_file.h"

#include "machine/content_hash.h"
#include "machine/saved_fields.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <tuple>

namespace ringcheck {
namespace {

constexpr std::array<std::uint8_t, 8> kMagic = {0x89, 'R', 'C', 'S', 0x0d, 0x0a, 0x1a, 0x0a};
constexpr std::uint32_t kMostSections = 64;
constexpr const char* kNextStep = "save it again, with 'ringcheck run --save-at'";

struct Start {
    std::array<std::uint8_t, 8> magic = kMagic;
    std::uint32_t version = SnapshotFile::kVersion, sections = 0;
    std::uint64_t file_bytes = 0;
    auto saved_fields(this auto& self) { return std::tie(self.magic, self.version, self.sections, self.file_bytes); }
};
struct Entry {
    std::array<char, SnapshotFile::kLongestName> name{};
    std::uint64_t bytes = 0;
    ContentHash hash;
    auto saved_fields(this auto& self) { return std::tie(self.name, self.bytes, self.hash); }
};
constexpr std::size_t kMagicBytes = 8, kVersionBytes = 4, kStartBytes = 24, kEntryBytes = 32, kHashBytes = 16;

std::unexpected<std::string> damaged(std::string_view what)
{
    return std::unexpected(fmt::format("this snapshot is damaged: {}; {}", what, kNextStep));
}

std::unexpected<std::string> truncated(std::uint64_t there, std::uint64_t wanted)
{
    return damaged(fmt::format("it has {} bytes of {}", there, wanted));
}

} // namespace

void SnapshotFile::add(std::string name, std::vector<std::byte> bytes)
{
    sections_.push_back({std::move(name), std::move(bytes)});
}

const std::vector<std::byte>* SnapshotFile::find(std::string_view name) const
{
    const auto found = std::ranges::find(sections_, name, &SnapshotSection::name);
    return found == sections_.end() ? nullptr : &found->bytes;
}

std::vector<std::byte> SnapshotFile::encode() const
{
    Start start;
    start.sections = static_cast<std::uint32_t>(sections_.size());
    start.file_bytes = kStartBytes + kEntryBytes * sections_.size() + kHashBytes;
    for (const SnapshotSection& section : sections_) {
        start.file_bytes += section.bytes.size();
    }
    FieldWriter writer;
    writer.put(start);
    for (const SnapshotSection& section : sections_) {
        Entry entry{{}, section.bytes.size(), hash_of(section.bytes)};
        std::ranges::copy(std::string_view(section.name).substr(0, kLongestName), entry.name.begin());
        writer.put(entry);
    }
    std::vector<std::byte> file = writer.take();
    const std::vector<std::byte> hash = to_bytes(hash_of(file));
    file.reserve(start.file_bytes);
    file.insert(file.end(), hash.begin(), hash.end());
    for (const SnapshotSection& section : sections_) {
        file.insert(file.end(), section.bytes.begin(), section.bytes.end());
    }
    return file;
}

std::expected<SnapshotFile, std::string> SnapshotFile::decode(std::span<const std::byte> bytes)
{
    Start start;
    if (bytes.size() < kMagicBytes || !from_bytes(bytes.first(kMagicBytes), start.magic) || start.magic != kMagic) {
        return std::unexpected("this is not a snapshot of ringcheck; 'ringcheck run --save-at' makes one");
    }
    if (bytes.size() < kMagicBytes + kVersionBytes ||
        !from_bytes(bytes.subspan(kMagicBytes, kVersionBytes), start.version)) {
        return truncated(bytes.size(), kStartBytes);
    }
    if (start.version != kVersion) {
        return std::unexpected(
            fmt::format("this snapshot is of format version {}, and this ringcheck reads version {}; "
                        "{}",
                        start.version, kVersion, kNextStep));
    }
    if (bytes.size() < kStartBytes || !from_bytes(bytes.first(kStartBytes), start)) {
        return truncated(bytes.size(), kStartBytes);
    }
    const std::size_t head_bytes = kStartBytes + kEntryBytes * std::size_t{std::min(start.sections, kMostSections)};
    if (bytes.size() < head_bytes + kHashBytes) {
        return truncated(bytes.size(), std::max<std::uint64_t>(start.file_bytes, head_bytes + kHashBytes));
    }
    ContentHash hash;
    if (start.sections > kMostSections || !from_bytes(bytes.subspan(head_bytes, kHashBytes), hash) ||
        hash != hash_of(bytes.first(head_bytes))) {
        return damaged("its head does not match its hash");
    }
    if (start.file_bytes != bytes.size()) {
        return truncated(bytes.size(), start.file_bytes);
    }
    SnapshotFile file;
    std::span<const std::byte> contents = bytes.subspan(head_bytes + kHashBytes);
    for (std::size_t index = 0; index < start.sections; ++index) {
        Entry entry;
        if (!from_bytes(bytes.subspan(kStartBytes + kEntryBytes * index, kEntryBytes), entry) ||
            entry.bytes > contents.size()) {
            return damaged("a section reaches beyond its end");
        }
        const std::span<const std::byte> section = contents.first(entry.bytes);
        contents = contents.subspan(entry.bytes);
        const auto end = std::ranges::find(entry.name, '\0');
        std::string name(entry.name.begin(), end);
        if (entry.hash != hash_of(section)) {
            return damaged(fmt::format("its section '{}' does not match its hash", name));
        }
        file.add(std::move(name), {section.begin(), section.end()});
    }
    return contents.empty() ? std::expected<SnapshotFile, std::string>(std::move(file))
                            : damaged("something follows its last section");
}

} // namespace ringcheck
