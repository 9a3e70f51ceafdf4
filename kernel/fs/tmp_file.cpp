// SPDX-License-Identifier: MIT
#include "fs/tmp_file.h"

#include "base/min_max.h"
#include "cpu/user_copy.h"
#include "fs/file_effects.h"
#include "fs/file_space.h"
#include "mm/object_allocator.h"

namespace kernel {

using arch::kPageSize;
using arch::PhysAddr;
using arch::VirtAddr;
using base::Bytes;
using base::fail;
using base::Result;
using uapi::Error;

namespace {

/// So many pages are filled before others may run.
constexpr std::uint64_t kPagesAtOnce = (std::uint64_t{16} << 20) / kPageSize;

constexpr std::uint8_t kZeros[kPageSize] = {};

std::uint8_t* bytes_of(FilePage page)
{
    return file_space.frames().window().at<std::uint8_t>(page.frame());
}

constexpr std::uint64_t pages_of(std::uint64_t size)
{
    return size / kPageSize + (size % kPageSize != 0 ? 1 : 0);
}

} // namespace

TmpFile::TmpFile(std::uint32_t mode, std::uint64_t inode_number, Bytes lent)
    : Inode({.kind = FileKind::Regular, .permissions = mode, .number = inode_number, .device = device_id::kTmpfs}),
      lent_(lent), size_(lent.size())
{
}

std::uint64_t TmpFile::blocks() const
{
    constexpr std::uint64_t kBlock = 512;
    return pages_of(lent_.size()) > changed_pages_ ? (lent_.size() + kBlock - 1) / kBlock
                                                   : changed_pages_ * (kPageSize / kBlock);
}

/// What page `index` was lent, fewer than a page's bytes at the end.
Bytes TmpFile::lent_of(std::uint64_t index) const
{
    const std::uint64_t begin = index * kPageSize;
    return begin < lent_.size() ? lent_.subspan(begin, base::min(kPageSize, lent_.size() - begin)) : Bytes{};
}

/// Fills a frame from byte `from` on with what page `index` is made of.
void TmpFile::fill(std::uint64_t index, std::uint8_t* frame, std::uint64_t from) const
{
    const Bytes lent = lent_of(index);
    if (from < lent.size()) {
        __builtin_memcpy(frame + from, lent.data() + from, lent.size() - from);
        from = lent.size();
    }
    __builtin_memset(frame + from, 0, kPageSize - from);
}

/// Copies up to the end of a page, or of what was lent.
std::uint64_t TmpFile::read_piece(VirtAddr buffer, std::uint64_t count, std::uint64_t offset) const
{
    const std::uint64_t index = offset / kPageSize, at = offset % kPageSize;
    const FilePage page = tree_.find(file_space.frames(), index);
    const Bytes lent = page ? Bytes{bytes_of(page), kPageSize} : lent_of(index);
    const Bytes source = at < lent.size() ? lent : Bytes{kZeros, kPageSize};
    return copy_to_user(buffer, source.subspan(at, base::min(count, source.size() - at)));
}

Result<std::uint64_t> TmpFile::read(OpenFile&, VirtAddr buffer, std::uint64_t count, std::uint64_t offset)
{
    if (offset >= size_) {
        return 0;
    }
    const std::uint64_t wanted = base::min(count, size_ - offset);
    if (tree_.empty() && offset < lent_.size() && wanted <= lent_.size() - offset) {
        return give_user(buffer, lent_.subspan(offset, wanted));
    }
    std::uint64_t done = 0;
    while (done < wanted) {
        const std::uint64_t copied = read_piece(buffer + done, wanted - done, offset + done);
        done += copied;
        // A short copy is either the end of what was lent or memory that cannot be written: the next one tells.
        if (copied == 0) {
            return done == 0 ? fail(Error::Efault) : Result<std::uint64_t>(done);
        }
    }
    return done;
}

Result<FilePage*> TmpFile::changeable_page(std::uint64_t index, bool fill_it)
{
    FrameAllocator& frames = file_space.frames();
    const FilePage present = tree_.find(frames, index);
    if (present && present.changed()) {
        return tree_.place(frames, index);
    }
    TRY(file_space.take_page());
    const Result<FilePage*> found = tree_.place(frames, index);
    if (!found) {
        file_space.give_page();
        return fail(found.error());
    }
    FilePage* const place = *found;
    if (*place) {
        *place = FilePage(place->frame(), true);
        --clean_pages_;
    } else {
        const Result<PhysAddr> frame = frames.allocate(FrameKind::User);
        if (!frame) {
            file_space.give_page();
            return fail(frame.error());
        }
        *place = FilePage(*frame, true);
        if (fill_it) {
            fill(index, bytes_of(*place), 0);
        }
    }
    ++changed_pages_;
    return place;
}

/// Copies up to the end of a page.
Result<std::uint64_t> TmpFile::write_piece(VirtAddr buffer, std::uint64_t count, std::uint64_t offset)
{
    const std::uint64_t index = offset / kPageSize, at = offset % kPageSize;
    const std::uint64_t wanted = base::min(count, kPageSize - at);
    const bool is_new = !tree_.find(file_space.frames(), index);
    const bool whole = wanted == kPageSize;
    const FilePage page = *TRY(changeable_page(index, !whole));
    const std::uint64_t copied = copy_from_user({bytes_of(page) + at, wanted}, buffer);
    if (is_new && whole && copied < wanted) {
        fill(index, bytes_of(page), copied); // nobody reads what the frame held before
    }
    return copied;
}

Result<std::uint64_t> TmpFile::write(OpenFile&, VirtAddr buffer, std::uint64_t count, std::uint64_t offset)
{
    if (count == 0) {
        return 0;
    }
    if (offset >= kLargestSize) {
        return fail(Error::Efbig);
    }
    const std::uint64_t wanted = base::min(count, kLargestSize - offset);
    if (offset > size_) {
        clear_behind_end();
    }
    std::uint64_t done = 0;
    while (done < wanted) {
        const Result<std::uint64_t> copied = write_piece(buffer + done, wanted - done, offset + done);
        if (!copied || *copied == 0) {
            if (done != 0) {
                break;
            }
            return fail(copied ? Error::Efault : copied.error());
        }
        done += *copied;
        size_ = base::max(size_, offset + done);
    }
    modified = file_time();
    changed = modified;
    return done;
}

/// What a view has left behind the end does not become part of the file when that grows.
void TmpFile::clear_behind_end()
{
    const std::uint64_t at = size_ % kPageSize;
    if (at != 0 && written_by_view_) {
        if (const FilePage page = tree_.find(file_space.frames(), size_ / kPageSize)) {
            __builtin_memset(bytes_of(page) + at, 0, kPageSize - at);
        }
    }
}

void TmpFile::drop_pages_from(std::uint64_t index)
{
    tree_.drop_from(file_space.frames(), index, [this](FilePage page) {
        if (page.changed()) {
            --changed_pages_;
            file_space.give_page();
        } else {
            --clean_pages_;
        }
        file_space.frames().free(page.frame());
    });
}

Result<void> TmpFile::truncate(std::uint64_t size)
{
    if (size > kLargestSize) {
        return fail(Error::Efbig);
    }
    if (size <= size_) { // of the same size too, as there may be reserved pages behind the end
        const std::uint64_t kept = pages_of(size);
        if (views_ != 0) {
            forget_file_pages(*this, kept);
        }
        drop_pages_from(kept);
        if (const std::uint64_t at = size % kPageSize; at != 0) {
            if (const FilePage page = tree_.find(file_space.frames(), size / kPageSize)) {
                __builtin_memset(bytes_of(page) + at, 0, kPageSize - at);
            }
        }
        lent_ = lent_.subspan(0, base::min<std::uint64_t>(size, lent_.size()));
    } else {
        clear_behind_end();
    }
    size_ = size;
    modified = file_time();
    changed = modified;
    return {};
}

Result<void> TmpFile::reserve(std::uint64_t offset, std::uint64_t count, bool keeps_size)
{
    if (count > kLargestSize || offset > kLargestSize - count) {
        return fail(Error::Efbig);
    }
    const std::uint64_t end = offset + count;
    const std::uint64_t first = offset / kPageSize, after = pages_of(end);
    if (after - first > file_space.page_limit()) {
        return fail(Error::Enospc);
    }
    for (std::uint64_t index = first; index < after; ++index) {
        if (index != first && (index - first) % kPagesAtOnce == 0) {
            TRY(pause_long_call());
        }
        static_cast<void>(TRY(changeable_page(index, true)));
    }
    if (end > size_ && !keeps_size) {
        clear_behind_end();
        size_ = end;
        changed = file_time();
    }
    return {};
}

Result<std::uint64_t> TmpFile::seek_data(std::uint64_t offset, bool hole) const
{
    if (offset >= size_) {
        return fail(Error::Enxio);
    }
    const std::uint64_t lent_pages = pages_of(lent_.size());
    std::uint64_t index = offset / kPageSize;
    if (hole) {
        index = base::max(index, lent_pages);
        while (tree_.find(file_space.frames(), index)) {
            ++index;
        }
        return base::min(base::max(offset, index * kPageSize), size_);
    }
    if (index < lent_pages) {
        return offset;
    }
    index = tree_.next(file_space.frames(), index);
    if (index >= pages_of(size_)) {
        return fail(Error::Enxio);
    }
    return base::max(offset, index * kPageSize);
}

Result<PhysAddr> TmpFile::page(std::uint64_t index, bool write)
{
    if (index >= pages_of(size_)) {
        return fail(Error::Efault);
    }
    FrameAllocator& frames = file_space.frames();
    FilePage page = tree_.find(frames, index);
    written_by_view_ = written_by_view_ || write;
    if (!page && !write && !lent_of(index).empty()) {
        FilePage* const place = TRY(tree_.place(frames, index));
        *place = FilePage(TRY(frames.allocate(FrameKind::User)), false);
        ++clean_pages_;
        page = *place;
        fill(index, bytes_of(page), 0);
    } else if (!page || (write && !page.changed())) {
        page = *TRY(changeable_page(index, true));
    }
    if (!frames.try_share(page.frame())) {
        return fail(Error::Enomem);
    }
    return page.frame();
}

std::uint64_t TmpFile::peek(std::uint64_t offset, base::Span<std::uint8_t> bytes) const
{
    if (offset >= size_) {
        return 0;
    }
    std::uint64_t done = 0;
    while (done < bytes.size() && done < size_ - offset) {
        const std::uint64_t position = offset + done, index = position / kPageSize, at = position % kPageSize;
        const FilePage page = tree_.find(file_space.frames(), index);
        const Bytes lent = page ? Bytes{bytes_of(page), kPageSize} : lent_of(index);
        const Bytes source = at < lent.size() ? lent : Bytes{kZeros, kPageSize};
        const std::uint64_t step = base::min(base::min(bytes.size() - done, size_ - position), source.size() - at);
        __builtin_memcpy(bytes.data() + done, source.data() + at, step);
        done += step;
    }
    return done;
}

void TmpFile::add_view()
{
    ++views_;
    hold();
}

void TmpFile::drop_view()
{
    if (--views_ == 0) {
        if (changed_pages_ == 0) {
            drop_pages_from(0); // with the tables
        } else if (clean_pages_ != 0) {
            tree_.drop_some(
                file_space.frames(), [](FilePage page) { return !page.changed(); },
                [](FilePage page) { file_space.frames().free(page.frame()); });
            clean_pages_ = 0;
        }
    }
    release();
}

void TmpFile::vanish()
{
    drop_pages_from(0);
    this->~TmpFile();
    objects.free(this, sizeof(TmpFile));
}

} // namespace kernel
