// SPDX-License-Identifier: MIT
#include "mm/vma_set.h"

#include "base/assert.h"
#include "base/min_max.h"
#include "layout/address_map.h"

#include <utility>

namespace kernel {

using arch::kPageSize;
using arch::PhysAddr;
using arch::VirtAddr;
using base::fail;
using base::Result;
using uapi::Error;

static_assert(sizeof(Vma) == 48 && VmaSet::kMaximumAreas == 1365);

namespace {

constexpr std::size_t capacity(std::uint64_t frames)
{
    return frames * kPageSize / sizeof(Vma);
}

/// Where others have to stay away from.
VirtAddr guarded_begin(const Vma& area)
{
    if (area.kind != VmaKind::Stack) {
        return area.begin;
    }
    return area.begin > VirtAddr{layout::kUserStackGuard} ? area.begin - layout::kUserStackGuard : VirtAddr{};
}

void add_view(const Vma& area)
{
    if (area.file != nullptr) {
        area.file->add_view();
    }
}

void drop_view(const Vma& area)
{
    if (area.file != nullptr) {
        area.file->drop_view();
    }
}

} // namespace

VmaSet::VmaSet(VmaSet&& other) noexcept
    : frames_(other.frames_), areas_(other.areas_), table_(other.table_),
      table_frames_(std::exchange(other.table_frames_, 0)), size_(std::exchange(other.size_, 0))
{
}

VmaSet& VmaSet::operator=(VmaSet&& other) noexcept
{
    ASSERT(table_frames_ == 0);
    frames_ = other.frames_;
    areas_ = other.areas_;
    table_ = other.table_;
    table_frames_ = std::exchange(other.table_frames_, 0);
    size_ = std::exchange(other.size_, 0);
    return *this;
}

Result<VmaSet> VmaSet::create(FrameAllocator& frames)
{
    VmaSet set;
    set.frames_ = &frames;
    TRY(set.reserve(1));
    return set;
}

Result<VmaSet> VmaSet::copy() const
{
    VmaSet other;
    other.frames_ = frames_;
    TRY(other.reserve(size_ == 0 ? 1 : size_));
    __builtin_memcpy(static_cast<void*>(other.areas_), areas_, size_ * sizeof(Vma));
    other.size_ = size_;
    for (const Vma& area : other) {
        add_view(area);
    }
    return other;
}

void VmaSet::destroy()
{
    for (const Vma& area : *this) {
        drop_view(area);
    }
    free_table();
    size_ = 0;
}

void VmaSet::free_table()
{
    for (std::uint64_t i = 0; i < table_frames_; ++i) {
        frames_->free(table_ + i * kPageSize);
    }
    table_frames_ = 0;
}

std::size_t VmaSet::first_above(VirtAddr address) const
{
    std::size_t low = 0;
    std::size_t high = size_;
    while (low < high) {
        const std::size_t middle = (low + high) / 2;
        if (areas_[middle].end > address) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return low;
}

bool VmaSet::is_free(VirtAddr begin, VirtAddr end) const
{
    const std::size_t next = first_above(begin);
    return next == size_ || areas_[next].begin >= end;
}

bool VmaSet::is_covered(VirtAddr begin, VirtAddr end) const
{
    for (std::size_t i = first_above(begin); i < size_ && areas_[i].begin <= begin; ++i) {
        begin = areas_[i].end;
        if (begin >= end) {
            return true;
        }
    }
    return false;
}

std::optional<VirtAddr> VmaSet::find_gap(std::uint64_t size, VirtAddr low, VirtAddr high) const
{
    VirtAddr top = high;
    for (std::size_t i = size_; i > 0 && top > low; --i) {
        const Vma& area = areas_[i - 1];
        const VirtAddr floor = base::max(area.end, low);
        if (floor <= top && top - floor >= size) {
            return top - size;
        }
        top = base::min(top, guarded_begin(area));
    }
    if (top > low && top - low >= size) {
        return top - size;
    }
    return {};
}

Result<void> VmaSet::reserve(std::size_t more)
{
    std::uint64_t wanted = table_frames_ == 0 ? 1 : table_frames_;
    while (capacity(wanted) < size_ + more) {
        wanted *= 2;
        if (wanted > kMaximumFrames) {
            return fail(Error::Enomem);
        }
    }
    if (wanted == table_frames_) {
        return {};
    }
    const PhysAddr table = TRY(wanted == 1 ? frames_->allocate() : frames_->allocate_contiguous(wanted));
    auto* const areas = frames_->window().at<Vma>(table);
    __builtin_memcpy(static_cast<void*>(areas), areas_, size_ * sizeof(Vma));
    free_table();
    areas_ = areas;
    table_ = table;
    table_frames_ = wanted;
    return {};
}

/// Moves the areas from `index` on up by one.
void VmaSet::open_slot(std::size_t index)
{
    ASSERT(size_ < capacity(table_frames_));
    __builtin_memmove(static_cast<void*>(areas_ + index + 1), areas_ + index, (size_ - index) * sizeof(Vma));
    ++size_;
}

/// Drops the areas [first, last).
void VmaSet::close_slots(std::size_t first, std::size_t last)
{
    if (first != last) {
        __builtin_memmove(static_cast<void*>(areas_ + first), areas_ + last, (size_ - last) * sizeof(Vma));
        size_ -= last - first;
    }
}

void VmaSet::insert(const Vma& area)
{
    add_view(area);
    const std::size_t at = first_above(area.begin);
    ASSERT(at == size_ || areas_[at].begin >= area.end);
    const bool joins_previous = at > 0 && areas_[at - 1].continues_in(area);
    const bool joins_next = at < size_ && area.continues_in(areas_[at]);
    if (joins_previous && joins_next) {
        areas_[at - 1].end = areas_[at].end;
        close_slots(at, at + 1);
    } else if (joins_previous) {
        areas_[at - 1].end = area.end;
    } else if (joins_next) {
        areas_[at].begin = area.begin;
    } else {
        open_slot(at);
        areas_[at] = area;
    }
}

void VmaSet::cut_at(VirtAddr at)
{
    const std::size_t index = first_above(at);
    if (index == size_ || areas_[index].begin >= at) {
        return;
    }
    const Vma whole = areas_[index];
    open_slot(index);
    areas_[index] = whole.head(at);
    areas_[index + 1] = whole.tail(at);
    add_view(areas_[index + 1]);
    if (whole.kind == VmaKind::Stack) {
        areas_[index + 1].kind = VmaKind::Private; // only the lowest part of a stack grows
    }
}

void VmaSet::cut(VirtAddr begin, VirtAddr end)
{
    cut_at(begin);
    cut_at(end);
}

void VmaSet::erase(VirtAddr begin, VirtAddr end)
{
    const std::size_t first = first_above(begin), last = first_above(end);
    for (std::size_t i = first; i < last; ++i) {
        drop_view(areas_[i]);
    }
    close_slots(first, last);
}

void VmaSet::join(VirtAddr begin, VirtAddr end)
{
    std::size_t index = first_above(begin - 1);
    while (index + 1 < size_ && areas_[index].begin <= end) {
        if (areas_[index].continues_in(areas_[index + 1])) {
            areas_[index].end = areas_[index + 1].end;
            close_slots(index + 1, index + 2);
        } else {
            ++index;
        }
    }
}

} // namespace kernel
