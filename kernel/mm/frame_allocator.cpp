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
        if (first < after && !regions_.push_back({PhysAddr{first * kPageSize}, after - first})) {
            return;
        }
        position = end;
    }
}

/// Cuts the frames for the books off the beginning of the first region that has room for them.
base::Result<PhysAddr> FrameAllocator::take_book_frames(PhysAddr books_end)
{
    std::uint64_t bytes = 0;
    for (const Region& region : regions_) {
        bytes += region.word_count() * (sizeof(std::uint64_t) + kWordBits * sizeof(Record));
    }
    const std::uint64_t frames = (bytes + kPageSize - 1) / kPageSize;
    for (Region& region : regions_) {
        const PhysAddr begin = region.begin;
        if (region.frames >= frames && region.frame(frames) <= books_end) {
            region.begin = region.frame(frames);
            region.frames -= frames;
            return begin;
        }
    }
    return base::fail(uapi::Error::Enomem);
}

base::Result<void> FrameAllocator::initialise(const PhysicalWindow& window, base::Span<const MemoryRange> usable,
                                              base::Span<const MemoryRange> reserved, PhysAddr books_end)
{
    window_ = window;
    __builtin_memset(used_frames_, 0, sizeof used_frames_);
    largest_region_ = 0;
    next_region_ = 0;
    next_word_ = 0;
    free_frames_ = 0;
    total_frames_ = 0;
    find_regions(usable, reserved);
    const PhysAddr books = TRY(take_book_frames(books_end));

    auto* words = window_.at<std::uint64_t>(books);
    for (std::size_t i = 0; i < regions_.size(); ++i) {
        Region& region = regions_[i];
        region.words = words;
        words += region.word_count();
        __builtin_memset(region.words, 0xff, region.word_count() * sizeof(std::uint64_t));
        if (const std::uint64_t rest = region.frames % kWordBits; rest != 0) {
            region.words[region.word_count() - 1] = (std::uint64_t{1} << rest) - 1;
        }
        total_frames_ += region.frames;
        largest_region_ = region.frames > regions_[largest_region_].frames ? i : largest_region_;
    }
    auto* records = reinterpret_cast<Record*>(words);
    for (Region& region : regions_) {
        region.records = records;
        records += region.frames;
        __builtin_memset(static_cast<void*>(region.records), 0, region.frames * sizeof(Record));
    }
    free_frames_ = total_frames_;
    return {};
}

/// Hands out frame `index` of a region, which is free.
void FrameAllocator::take(Region& region, std::uint64_t index, FrameKind kind)
{
    region.words[index / kWordBits] &= ~(std::uint64_t{1} << (index % kWordBits));
    region.records[index] = {.holders = 1, .kind = static_cast<std::uint16_t>(kind)};
    --free_frames_;
    ++used_frames_[static_cast<unsigned>(kind)];
    landmark_frame_allocated(region.frame(index).value);
}

/// Counts one allocation; false when it has to fail.
bool FrameAllocator::may_allocate()
{
    return ++allocations_ - first_failing_ >= failing_count_ && free_frames_ != 0;
}

base::Result<PhysAddr> FrameAllocator::allocate(FrameKind kind)
{
    if (!may_allocate()) {
        return base::fail(uapi::Error::Enomem);
    }
    // The count says that a free frame exists, and the search comes round to every word.
    for (;;) {
        Region& region = regions_.begin()[next_region_];
        for (const std::uint64_t words = region.word_count(); next_word_ < words; ++next_word_) {
            if (const std::uint64_t word = region.words[next_word_]; word != 0) {
                const std::uint64_t index = next_word_ * kWordBits + static_cast<unsigned>(__builtin_ctzll(word));
                take(region, index, kind);
                return region.frame(index);
            }
        }
        next_word_ = 0;
        next_region_ = (next_region_ + 1) % regions_.size();
    }
}

base::Result<PhysAddr> FrameAllocator::allocate_zeroed(FrameKind kind)
{
    const PhysAddr frame = TRY(allocate(kind));
    __builtin_memset(window_.at<std::uint8_t>(frame), 0, kPageSize);
    return frame;
}

base::Result<PhysAddr> FrameAllocator::allocate_contiguous(std::uint64_t count, FrameKind kind)
{
    ASSERT(count >= 1);
    if (!may_allocate()) {
        return base::fail(uapi::Error::Enomem);
    }
    for (Region& region : regions_) {
        std::uint64_t run = 0;
        for (std::uint64_t index = 0; index < region.frames; ++index) {
            const bool is_free = (region.words[index / kWordBits] >> (index % kWordBits) & 1) != 0;
            run = is_free ? run + 1 : 0;
            if (run == count) {
                const std::uint64_t first = index + 1 - count;
                for (std::uint64_t i = first; i <= index; ++i) {
                    take(region, i, kind);
                }
                return region.frame(first);
            }
        }
    }
    return base::fail(uapi::Error::Enomem);
}

/// The place of a frame that somebody holds.
[[gnu::always_inline]] inline FrameAllocator::Place FrameAllocator::find_held(PhysAddr frame) const
{
    ASSERT(frame.page_aligned());
    const Region* owner = regions_.begin() + largest_region_;
    if (frame - owner->begin >= owner->frames * kPageSize) {
        owner = regions_.begin();
        while (owner != regions_.end() && frame - owner->begin >= owner->frames * kPageSize) {
            ++owner;
        }
        ASSERT(owner != regions_.end());
    }
    const Place place{*owner, (frame - owner->begin) / kPageSize};
    ASSERT(place.record().holders != 0);
    return place;
}

void FrameAllocator::share(PhysAddr frame, unsigned count)
{
    Record& record = find_held(frame).record();
    ASSERT(count <= kMaximumHolders - record.holders);
    record.holders = (record.holders + count) & kMaximumHolders;
}

bool FrameAllocator::try_share(PhysAddr frame)
{
    Record& record = find_held(frame).record();
    if (record.holders == kMaximumHolders) {
        return false;
    }
    record.holders = (record.holders + 1u) & kMaximumHolders;
    return true;
}

unsigned FrameAllocator::unshare(PhysAddr frame, unsigned count)
{
    Record& record = find_held(frame).record();
    ASSERT(count < record.holders);
    record.holders = (record.holders - count) & kMaximumHolders;
    return record.holders;
}

unsigned FrameAllocator::holders(PhysAddr frame) const
{
    return find_held(frame).record().holders;
}

void FrameAllocator::free(PhysAddr frame)
{
    const Place place = find_held(frame);
    Record& record = place.record();
    record.holders = (record.holders - 1u) & kMaximumHolders;
    if (record.holders != 0) {
        return;
    }
    place.region.words[place.index / kWordBits] |= std::uint64_t{1} << (place.index % kWordBits);
    --used_frames_[record.kind];
    ++free_frames_;
    landmark_frame_freed(frame.value);
}

} // namespace kernel
