// SPDX-License-Identifier: MIT
// A root of files in memory of its own, and what the rest of the kernel does for files.
#pragma once

#include "fs/initrd.h"
#include "fs/path_walk.h"
#include "fs/tmpfs.h"
#include "unit/fake_kernel.h"

#include <string>
#include <string_view>
#include <vector>

namespace fake {

/// The only one while it is there.
class FileTree {
public:
    explicit FileTree(std::uint64_t frames = 1024);

    base::Result<kernel::Place> walk(std::string_view path, kernel::Walk how = {}, unsigned buffers = 0);
    base::Result<kernel::InodeRef> find(std::string_view path);
    /// The contents, "(directory)", or the error's name.
    std::string at(std::string_view path);

    Frames frames;
};

/// One filled from an archive, whose bytes AddressSanitizer guards.
class ArchiveTree : public FileTree {
public:
    explicit ArchiveTree(std::string_view archive, std::uint64_t frames = 1024);

    ExactBytes bytes;
    base::Result<void> filled;
};

std::string contents(kernel::Inode& inode);

/// How often pause_long_call was called; it fails when as many are allowed.
extern unsigned pauses, allowed_pauses;

/// What forget_file_pages was told.
struct Forgotten {
    const kernel::PageSource* file;
    std::uint64_t first;
};
extern std::vector<Forgotten> forgotten;

/// A file whose pages are nobody else's: each caller gets a copy.
class ByteFile final : public kernel::PageSource {
public:
    explicit ByteFile(base::Bytes bytes, kernel::FrameAllocator* frames = nullptr) : bytes_(bytes), frames_(frames) {}

    base::Result<arch::PhysAddr> page(std::uint64_t index, bool write) override;
    std::uint64_t file_size() const override { return bytes_.size(); }
    std::uint64_t peek(std::uint64_t offset, base::Span<std::uint8_t> bytes) const override;
    void add_view() override { ++views; }
    void drop_view() override { --views; }

    int views = 0;

private:
    base::Bytes bytes_;
    kernel::FrameAllocator* frames_;
};

} // namespace fake
