// SPDX-License-Identifier: MIT
// Hands out frames of physical memory, and counts who holds each of them.
// One bit, 1 = free, and one 16-bit record a frame, only for frames that exist and are nobody's: reserved frames and
// holes have none, so the books cost 1/1928 of the memory they describe however far apart that memory lies.
// Invariants: free_frames() is the number of set bits; a frame's bit is set exactly when nobody holds it.
#pragma once

#include "base/result.h"
#include "base/span.h"
#include "base/static_vector.h"
#include "mm/memory_range.h"
#include "mm/physical_window.h"

#include <cstdint>

namespace kernel {

/// What a frame is used for, so that `mem` can say where the memory is.
enum class FrameKind : std::uint8_t { Kernel, Stack, PageTable, User };
inline constexpr unsigned kFrameKinds = 4;

class FrameAllocator {
public:
    /// No frames; every allocation fails.
    constexpr FrameAllocator() = default;
    FrameAllocator(const FrameAllocator&) = delete;
    FrameAllocator& operator=(const FrameAllocator&) = delete;

    /// Takes over the whole frames of `usable` that touch nothing of `reserved` and lie in `window`.  The ranges may be
    /// unsorted, overlapping, unaligned or empty.  The frames for the books are taken from them, below `books_end`
    /// (which memory is mapped already).  Regions beyond kMaximumRegions are left unused.
    /// @return ENOMEM when no run of frames can hold the books
    base::Result<void> initialise(const PhysicalWindow& window, base::Span<const MemoryRange> usable,
                                  base::Span<const MemoryRange> reserved, arch::PhysAddr books_end);

    /// One frame with one holder, its old contents still in it; the first frames are the lowest ones.  ENOMEM when none
    /// is left.
    base::Result<arch::PhysAddr> allocate(FrameKind kind = FrameKind::Kernel);
    /// One frame of zeros.
    base::Result<arch::PhysAddr> allocate_zeroed(FrameKind kind = FrameKind::Kernel);
    /// `count` >= 1 frames that follow each other, each with one holder.  ENOMEM when there is no such run.
    base::Result<arch::PhysAddr> allocate_contiguous(std::uint64_t count, FrameKind kind = FrameKind::Kernel);

    /// `count` more holders of a frame that was handed out; at most kMaximumHolders in all.
    void share(arch::PhysAddr frame, unsigned count = 1);
    /// One holder more; false, and nothing has changed, when there are kMaximumHolders already.
    bool try_share(arch::PhysAddr frame);
    /// `count` holders fewer, of which at least one remains.
    /// @return  how many
    unsigned unshare(arch::PhysAddr frame, unsigned count);
    /// Holders of a frame that was handed out, at least 1.
    unsigned holders(arch::PhysAddr frame) const;
    /// One holder gives the frame up; the last one gives it back.  Any other address, or a frame that nobody holds, is
    /// a bug of the kernel.
    void free(arch::PhysAddr frame);

    /// Calls of the allocate functions from now on fail, as if there were no memory: `count` of them, the `n`-th and
    /// those behind it.  n = 0: none.
    void fail_allocation(std::uint64_t n, std::uint64_t count = 1)
    {
        first_failing_ = allocations_ + n;
        failing_count_ = n == 0 ? 0 : count;
    }
    /// How many have failed because fail_allocation was called last.
    std::uint64_t forced_failures() const
    {
        const std::uint64_t begun = allocations_ < first_failing_ ? 0 : allocations_ - first_failing_ + 1;
        return begun < failing_count_ ? begun : failing_count_;
    }
    /// Calls of the allocate functions so far.
    std::uint64_t allocations() const { return allocations_; }

    std::uint64_t free_frames() const { return free_frames_; }
    std::uint64_t total_frames() const { return total_frames_; }
    /// Frames that are held, by what they are used for.
    std::uint64_t used_frames(FrameKind kind) const { return used_frames_[static_cast<unsigned>(kind)]; }
    const PhysicalWindow& window() const { return window_; }

    static constexpr std::size_t kMaximumRegions = 256;
    static constexpr unsigned kMaximumHolders = 0x3fff;

private:
    static constexpr unsigned kWordBits = 64;

    /// What is known of one frame: its holders, 0 when it is free, and its kind.
    struct Record {
        std::uint16_t holders : 14;
        std::uint16_t kind : 2;
    };
    static_assert(sizeof(Record) == 2 && kFrameKinds <= 4);

    /// Frames without a gap, with their own part of the books.
    struct Region {
        arch::PhysAddr begin;
        std::uint64_t frames = 0;
        std::uint64_t* words = nullptr; ///< the bitmap
        Record* records = nullptr;

        std::uint64_t word_count() const { return (frames + kWordBits - 1) / kWordBits; }
        arch::PhysAddr frame(std::uint64_t index) const { return begin + index * arch::kPageSize; }
    };

    /// A frame's place in the books.
    struct Place {
        const Region& region;
        std::uint64_t index;

        Record& record() const { return region.records[index]; }
    };

    void find_regions(base::Span<const MemoryRange> usable, base::Span<const MemoryRange> reserved);
    base::Result<arch::PhysAddr> take_book_frames(arch::PhysAddr books_end);
    void take(Region& region, std::uint64_t index, FrameKind kind);
    bool may_allocate();
    Place find_held(arch::PhysAddr frame) const;

    PhysicalWindow window_;
    base::StaticVector<Region, kMaximumRegions> regions_;
    std::size_t largest_region_ = 0; ///< where a frame is looked for first
    std::size_t next_region_ = 0;    ///< where the next search starts, with next_word_
    std::uint64_t next_word_ = 0;
    std::uint64_t free_frames_ = 0;
    std::uint64_t total_frames_ = 0;
    std::uint64_t used_frames_[kFrameKinds] = {};
    std::uint64_t allocations_ = 0;
    std::uint64_t first_failing_ = 0; ///< number of the call that fails first
    std::uint64_t failing_count_ = 0; ///< of those that fail, 0 for none
};

} // namespace kernel
