// SPDX-License-Identifier: MIT
#include "mm/frame_allocator.h"

#include "base/assert.h"
#include "layout/landmarks.h"

namespace kernel {

using arch::kPageSize;
using arch::PhysAddr;

namespace {

bool holds(const MemoryRange& range, PhysAddr address)
{
    return range.begin <= address && address < range.end();
}

/// The end of the range that holds `address` and reaches furthest; `address` itself when none holds it.
PhysAddr end_of_cover(base::Span<const MemoryRange> ranges, PhysAddr address)
{
    PhysAddr end = address;
    for (const MemoryRange& range : ranges) {
        if (holds(range, address) && range.end() > end) {
            end = range.end();
        }
    }
    return end;
}

/// The lowest begin of a range at or above `address`; `limit` when there is none below that.
PhysAddr next_begin(base::Span<const MemoryRange> ranges, PhysAddr address, PhysAddr limit)
{
    PhysAddr next = limit;
    for (const MemoryRange& range : ranges) {
        if (range.size != 0 && range.begin >= address && range.begin < next) {
            next = range.begin;
        }
    }
    return next;
}

} // namespace

/// Walks upwards over the borders of all ranges, so that neither list has to be sorted or free of overlaps.
void FrameAllocator::find_regions(base::Span<const MemoryRange> usable, base::Span<const MemoryRange> reserved)
{
    regions_.clear();
    const PhysAddr limit = window_.end();
    PhysAddr position = window_.begin();
    while (position < limit) {
        if (const PhysAddr end = end_of_cover(reserved, position); end != position) {
            position = end;
            continue;
        }
        PhysAddr end = end_of_cover(usable, position);
        if (end == position) {
            position = next_begin(usable, position, limit);
            continue;
        }
        // Ranges that touch or overlap are one region, so that no frame is lost at an unaligned seam.
        for (PhysAddr further = end_of_cover(usable, end); further != end; further = end_of_cover(usable, end)) {
            end = further;
        }
        end = next_begin(reserved, position, end < limit ? end : limit);
        const std::uint64_t first = (position.value + kPageSize - 1) / kPageSize;
        const std::uint64_t after = end.value / kPageSize;
        if (first < after && !regions_.push_back({PhysAddr{first * kPageSize}, after - first, nullptr})) {
            return;
        }
        position = end;
    }
}

/// Cuts the frames for the bitmap off the beginning of the first region that has room for them.
base::Result<PhysAddr> FrameAllocator::take_bitmap_frames(PhysAddr bitmap_end)
{
    std::uint64_t words = 0;
    for (const Region& region : regions_) {
        words += region.word_count();
    }
    const std::uint64_t bytes = words * sizeof(std::uint64_t);
    const std::uint64_t frames = (bytes + kPageSize - 1) / kPageSize;
    for (Region& region : regions_) {
        const PhysAddr begin = region.begin;
        if (region.frames >= frames && region.frame(frames) <= bitmap_end) {
            region.begin = region.frame(frames);
            region.frames -= frames;
            return begin;
        }
    }
    return base::fail(uapi::Error::Enomem);
}

base::Result<void> FrameAllocator::initialise(const PhysicalWindow& window, base::Span<const MemoryRange> usable,
                                              base::Span<const MemoryRange> reserved, PhysAddr bitmap_end)
{
    window_ = window;
    next_region_ = 0;
    next_word_ = 0;
    free_frames_ = 0;
    total_frames_ = 0;
    find_regions(usable, reserved);
    const PhysAddr bitmap = TRY(take_bitmap_frames(bitmap_end));

    auto* words = window_.at<std::uint64_t>(bitmap);
    for (Region& region : regions_) {
        region.words = words;
        words += region.word_count();
        __builtin_memset(region.words, 0xff, region.word_count() * sizeof(std::uint64_t));
        if (const std::uint64_t rest = region.frames % kWordBits; rest != 0) {
            region.words[region.word_count() - 1] = (std::uint64_t{1} << rest) - 1;
        }
        total_frames_ += region.frames;
    }
    free_frames_ = total_frames_;
    return {};
}

/// The lowest free frame of a word that has one.
PhysAddr FrameAllocator::take(Region& region, std::uint64_t word)
{
    const auto bit = static_cast<unsigned>(__builtin_ctzll(region.words[word]));
    region.words[word] &= region.words[word] - 1;
    --free_frames_;
    const PhysAddr frame = region.frame(word * kWordBits + bit);
    landmark_frame_allocated(frame.value);
    return frame;
}

base::Result<PhysAddr> FrameAllocator::allocate()
{
    if (free_frames_ == 0) {
        return base::fail(uapi::Error::Enomem);
    }
    // The count says that a free frame exists, and the search comes round to every word.
    for (;;) {
        Region& region = regions_[next_region_];
        for (const std::uint64_t words = region.word_count(); next_word_ < words; ++next_word_) {
            if (region.words[next_word_] != 0) {
                return take(region, next_word_);
            }
        }
        next_word_ = 0;
        next_region_ = (next_region_ + 1) % regions_.size();
    }
}

base::Result<PhysAddr> FrameAllocator::allocate_zeroed()
{
    const PhysAddr frame = TRY(allocate());
    __builtin_memset(window_.at<std::uint8_t>(frame), 0, kPageSize);
    return frame;
}

base::Result<PhysAddr> FrameAllocator::allocate_contiguous(std::uint64_t count)
{
    ASSERT(count >= 1);
    for (Region& region : regions_) {
        std::uint64_t run = 0;
        for (std::uint64_t index = 0; index < region.frames; ++index) {
            const bool is_free = (region.words[index / kWordBits] >> (index % kWordBits) & 1) != 0;
            run = is_free ? run + 1 : 0;
            if (run == count) {
                const std::uint64_t first = index + 1 - count;
                for (std::uint64_t i = first; i <= index; ++i) {
                    region.words[i / kWordBits] &= ~(std::uint64_t{1} << (i % kWordBits));
                    landmark_frame_allocated(region.frame(i).value);
                }
                free_frames_ -= count;
                return region.frame(first);
            }
        }
    }
    return base::fail(uapi::Error::Enomem);
}

void FrameAllocator::free(PhysAddr frame)
{
    ASSERT(frame.page_aligned());
    Region* owner = nullptr;
    for (Region& region : regions_) {
        if (frame >= region.begin && frame < region.frame(region.frames)) {
            owner = &region;
            break;
        }
    }
    ASSERT(owner != nullptr);
    const std::uint64_t index = (frame - owner->begin) / kPageSize;
    const std::uint64_t bit = std::uint64_t{1} << (index % kWordBits);
    std::uint64_t& word = owner->words[index / kWordBits];
    ASSERT((word & bit) == 0);
    word |= bit;
    ++free_frames_;
    landmark_frame_freed(frame.value);
}

} // namespace kernel
