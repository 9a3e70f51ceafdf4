// SPDX-License-Identifier: MIT
#include "unit/file_tree.h"

#include "fs/file_effects.h"
#include "uapi/errno.h"

#include <algorithm>
#include <cstring>

namespace kernel {

uapi::TimeSpec file_time()
{
    static std::int64_t seconds = 0;
    return {++seconds, 0};
}

base::Result<void> pause_long_call()
{
    if (fake::pauses == fake::allowed_pauses) {
        return base::fail(uapi::Error::Eintr);
    }
    ++fake::pauses;
    return {};
}

void wake_lock_waiters() {}

void forget_file_pages(const PageSource& source, std::uint64_t first)
{
    fake::forgotten.push_back({&source, first});
}

} // namespace kernel

namespace fake {

std::vector<Forgotten> forgotten;
unsigned pauses = 0, allowed_pauses = ~0U;

FileTree::FileTree(std::uint64_t count) : frames(count)
{
    const auto made = kernel::tmpfs::initialise(*frames, 12345);
    if (!made) {
        base::assertion_failed("memory for a root", __FILE_NAME__, __LINE__);
    }
}

base::Result<kernel::Place> FileTree::walk(std::string_view path, kernel::Walk how, unsigned buffers)
{
    kernel::TmpDirectory& root = kernel::tmpfs::root();
    return kernel::walk(root, root, {path.data(), path.size()}, how, kernel::path_buffers[buffers]);
}

base::Result<kernel::InodeRef> FileTree::find(std::string_view path)
{
    auto place = walk(path);
    return place ? base::Result<kernel::InodeRef>(std::move(place->inode)) : base::fail(place.error());
}

std::string FileTree::at(std::string_view path)
{
    const auto found = find(path);
    if (!found) {
        return uapi::error_name(static_cast<std::uint64_t>(found.error()));
    }
    return (*found)->kind == kernel::FileKind::Directory ? "(directory)" : contents(**found);
}

ArchiveTree::ArchiveTree(std::string_view archive, std::uint64_t count)
    : FileTree(count), bytes(reinterpret_cast<const std::uint8_t*>(archive.data()), archive.size()),
      filled(kernel::fill_from_archive(kernel::tmpfs::root(), bytes.bytes()))
{
}

std::string contents(kernel::Inode& inode)
{
    std::string text(inode.size(), '?');
    if (kernel::PageSource* const pages = inode.pages()) {
        text.resize(pages->peek(0, {reinterpret_cast<std::uint8_t*>(text.data()), text.size()}));
    }
    return text;
}

base::Result<arch::PhysAddr> ByteFile::page(std::uint64_t index, bool)
{
    if (index * arch::kPageSize >= bytes_.size()) {
        return base::fail(uapi::Error::Efault);
    }
    const arch::PhysAddr frame = TRY(frames_->allocate(kernel::FrameKind::User));
    auto* const to = frames_->window().at<std::uint8_t>(frame);
    std::memset(to, 0, arch::kPageSize);
    peek(index * arch::kPageSize, {to, arch::kPageSize});
    return frame;
}

std::uint64_t ByteFile::peek(std::uint64_t offset, base::Span<std::uint8_t> bytes) const
{
    if (offset >= bytes_.size()) {
        return 0;
    }
    const std::uint64_t count = std::min<std::uint64_t>(bytes.size(), bytes_.size() - offset);
    std::memcpy(bytes.data(), bytes_.data() + offset, count);
    return count;
}

} // namespace fake
