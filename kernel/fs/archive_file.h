// SPDX-License-Identifier: MIT
// A file or a directory of the initrd, which stays where it is and cannot be written.
#pragma once

#include "base/string_view.h"
#include "fs/inode.h"

namespace kernel {

class ArchiveFile final : public Inode {
public:
    /// No file: its number is 0.
    constexpr ArchiveFile() : Inode({}) {}
    /// @param name  in the archive; "" for the root
    constexpr ArchiveFile(FileKind kind, std::uint32_t permissions, std::uint64_t number, base::StringView name,
                          base::Bytes contents)
        : Inode({.kind = kind, .permissions = permissions, .number = number, .device = kDevice}), name_(name),
          contents_(contents)
    {
    }

    base::StringView name() const { return name_; }

    std::uint64_t size() const override { return contents_.size(); }
    base::Result<std::uint64_t> read(OpenFile& file, arch::VirtAddr buffer, std::uint64_t count,
                                     std::uint64_t offset) override;
    base::Bytes contents() const override { return contents_; }

private:
    static constexpr std::uint64_t kDevice = 1;

    base::StringView name_;
    base::Bytes contents_;
};

/// The root of the archive.
extern ArchiveFile root_directory;

} // namespace kernel
