// SPDX-License-Identifier: MIT
// Hands out frames of physical memory.
// One bit a frame, 1 = free, only for frames that exist and are nobody's: reserved frames and holes have no bit, so the
// bitmap costs 1/32768 of the memory it describes however far apart that memory lies.
// Invariant: free_frames() is the number of set bits.
#pragma once

#include "base/result.h"
#include "base/span.h"
#include "base/static_vector.h"
#include "mm/memory_range.h"
#include "mm/physical_window.h"

#include <cstdint>

namespace kernel {

class FrameAllocator {
public:
    /// No frames; every allocation fails.
    constexpr FrameAllocator() = default;
    FrameAllocator(const FrameAllocator&) = delete;
    FrameAllocator& operator=(const FrameAllocator&) = delete;

    /// Takes over the whole frames of `usable` that touch nothing of `reserved` and lie in `window`.  The ranges may be
    /// unsorted, overlapping, unaligned or empty.  The frames for the bitmap are taken from them, below `bitmap_end`
    /// (which memory is mapped already).  Regions beyond kMaximumRegions are left unused.
    /// @return ENOMEM when no run of frames can hold the bitmap
    base::Result<void> initialise(const PhysicalWindow& window, base::Span<const MemoryRange> usable,
                                  base::Span<const MemoryRange> reserved, arch::PhysAddr bitmap_end);

    /// One frame, its old contents still in it; the first frames are the lowest ones.  ENOMEM when none is left.
    base::Result<arch::PhysAddr> allocate();
    /// One frame of zeros.
    base::Result<arch::PhysAddr> allocate_zeroed();
    /// `count` >= 1 frames that follow each other, given back one by one.  ENOMEM when there is no such run.
    base::Result<arch::PhysAddr> allocate_contiguous(std::uint64_t count);
    /// Takes back a frame that was handed out; any other address, or one given back already, is a bug of the kernel.
    void free(arch::PhysAddr frame);

    std::uint64_t free_frames() const { return free_frames_; }
    std::uint64_t total_frames() const { return total_frames_; }
    const PhysicalWindow& window() const { return window_; }

    static constexpr std::size_t kMaximumRegions = 256;

private:
    static constexpr unsigned kWordBits = 64;

    /// Frames without a gap, with their own part of the bitmap.
    struct Region {
        arch::PhysAddr begin;
        std::uint64_t frames = 0;
        std::uint64_t* words = nullptr;

        std::uint64_t word_count() const { return (frames + kWordBits - 1) / kWordBits; }
        arch::PhysAddr frame(std::uint64_t index) const { return begin + index * arch::kPageSize; }
    };

    void find_regions(base::Span<const MemoryRange> usable, base::Span<const MemoryRange> reserved);
    base::Result<arch::PhysAddr> take_bitmap_frames(arch::PhysAddr bitmap_end);
    arch::PhysAddr take(Region& region, std::uint64_t word);

    PhysicalWindow window_;
    base::StaticVector<Region, kMaximumRegions> regions_;
    std::size_t next_region_ = 0; ///< where the next search starts, with next_word_
    std::uint64_t next_word_ = 0;
    std::uint64_t free_frames_ = 0;
    std::uint64_t total_frames_ = 0;
};

} // namespace kernel
