// SPDX-License-Identifier: MIT
#include "fs/file_index.h"

#include "base/sealed.h"
#include "fs/cpio.h"
#include "uapi/files.h"

#include <new>

namespace kernel {

SEALED constinit FileIndex root_files;

namespace {

using base::StringView;

constexpr std::uint64_t kFirstInode = 2;
constexpr std::uint32_t kImpliedPermissions = 0555;
/// Added to the number of the first file in it, for a directory that no entry describes.
constexpr std::uint64_t kImpliedInode = std::uint64_t{1} << 32;

/// FNV-1a, 64 bits wide.  [G. Fowler, L. C. Noll, K.-P. Vo, "FNV Hash"]
std::uint64_t hash_of(StringView name)
{
    constexpr std::uint64_t kBasis = 0xcbf2'9ce4'8422'2325, kPrime = 0x100'0000'01b3;
    std::uint64_t hash = kBasis;
    for (const char c : name) {
        hash = (hash ^ static_cast<std::uint8_t>(c)) * kPrime;
    }
    return hash;
}

} // namespace

constinit ArchiveFile root_directory{FileKind::Directory, kImpliedPermissions, 1, {}, {}};

std::size_t FileIndex::slots_for(base::Bytes archive)
{
    std::size_t names = 0;
    CpioReader reader(archive);
    CpioEntry entry;
    for (auto more = reader.next(entry); more && *more; more = reader.next(entry)) {
        ++names;
        for (const char c : entry.name) {
            names += c == '/' ? 1 : 0;
        }
    }
    std::size_t slots = 2;
    while (slots < 2 * names) {
        slots *= 2;
    }
    return slots;
}

/// The one that `name` has, or an empty one that it can have.
ArchiveFile& FileIndex::slot(StringView name) const
{
    for (std::uint64_t hash = hash_of(name);; ++hash) {
        ArchiveFile& slot = slots_[hash & (slots_.size() - 1)];
        if (slot.number == 0 || slot.name() == name) {
            return slot;
        }
    }
}

void FileIndex::insert_directories(StringView name, std::uint64_t inode)
{
    for (std::size_t i = 1; i < name.size(); ++i) {
        const StringView directory(name.data(), i);
        if (name[i] != '/') {
            continue;
        }
        ArchiveFile& place = slot(directory);
        if (place.number == 0) {
            new (&place) ArchiveFile(FileKind::Directory, kImpliedPermissions, kImpliedInode + inode, directory, {});
        }
    }
}

void FileIndex::build(base::Bytes archive, base::Span<ArchiveFile> slots)
{
    slots_ = slots;
    for (ArchiveFile& slot : slots_) {
        new (&slot) ArchiveFile;
    }
    CpioReader reader(archive);
    CpioEntry entry;
    auto more = reader.next(entry);
    for (std::uint64_t inode = kFirstInode; more && *more; ++inode, more = reader.next(entry)) {
        insert_directories(entry.name, inode);
        if (entry.name.empty() || !(entry.is_regular_file() || entry.is_directory())) {
            continue;
        }
        ArchiveFile& place = slot(entry.name);
        if (place.number == 0 || place.number >= kImpliedInode ||
            (place.kind == FileKind::Directory && entry.is_regular_file())) {
            new (&place) ArchiveFile(entry.is_regular_file() ? FileKind::Regular : FileKind::Directory,
                                     entry.mode & uapi::file_mode::kPermissions, inode, entry.name, entry.data);
        }
    }
    damaged_ = !more;
}

base::Result<ArchiveFile*> FileIndex::find(StringView name) const
{
    if (name.empty()) {
        return &root_directory;
    }
    ArchiveFile& found = slot(name);
    if (found.number != 0) {
        return &found;
    }
    return base::fail(damaged_ ? uapi::Error::Eio : uapi::Error::Enoent);
}

} // namespace kernel
