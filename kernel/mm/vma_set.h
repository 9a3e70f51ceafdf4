// SPDX-License-Identifier: MIT
// A Vessel's virtual memory areas in the order of their addresses, in a table of whole frames that doubles when it is
// full: a look-up is a binary search, a change moves a few hundred bytes, and room can be reserved before anything is
// changed.
// Invariants: areas ascend and do not overlap; each is one view of its file.
#pragma once

#include "base/result.h"
#include "mm/frame_allocator.h"
#include "mm/vma.h"

#include <cstddef>
#include <optional>

namespace kernel {

class VmaSet {
public:
    static constexpr std::uint64_t kMaximumFrames = 16;
    /// 1,365 areas.
    static constexpr std::size_t kMaximumAreas = kMaximumFrames * arch::kPageSize / sizeof(Vma);

    constexpr VmaSet() = default;
    VmaSet(VmaSet&& other) noexcept;
    /// Takes over `other`'s table; this must have none.
    VmaSet& operator=(VmaSet&& other) noexcept;

    /// ENOMEM.
    static base::Result<VmaSet> create(FrameAllocator& frames);
    base::Result<VmaSet> copy() const;
    void destroy();

    std::size_t size() const { return size_; }
    Vma& operator[](std::size_t index) { return areas_[index]; }
    const Vma& operator[](std::size_t index) const { return areas_[index]; }
    const Vma* begin() const { return areas_; }
    const Vma* end() const { return areas_ + size_; }

    /// The first area that ends above `address`: the one that holds it, or the next one; size() when there is none.
    std::size_t first_above(arch::VirtAddr address) const;
    /// No byte of [begin, end) is in any area.
    bool is_free(arch::VirtAddr begin, arch::VirtAddr end) const;
    /// Every byte of [begin, end) is in some area.
    bool is_covered(arch::VirtAddr begin, arch::VirtAddr end) const;
    /// The highest page-aligned place for `size` bytes in [low, high), outside of the guards below stacks.
    std::optional<arch::VirtAddr> find_gap(std::uint64_t size, arch::VirtAddr low, arch::VirtAddr high) const;

    /// Makes room for `more` further areas.  ENOMEM: no frames, or more than kMaximumAreas.
    base::Result<void> reserve(std::size_t more);
    /// Adds an area that overlaps none; joins it with its neighbours where they are the same.  There is room for it.
    void insert(const Vma& area);
    /// Cuts areas so that none reaches over `begin` or `end`.  There is room for two more.
    void cut(arch::VirtAddr begin, arch::VirtAddr end);
    /// Takes out the areas in [begin, end), which has been cut.
    void erase(arch::VirtAddr begin, arch::VirtAddr end);
    /// Joins what can be joined among the areas in [begin, end] and their neighbours.
    void join(arch::VirtAddr begin, arch::VirtAddr end);

private:
    void free_table();
    void cut_at(arch::VirtAddr at);
    void open_slot(std::size_t index);
    void close_slots(std::size_t first, std::size_t last);

    FrameAllocator* frames_ = nullptr;
    Vma* areas_ = nullptr;
    arch::PhysAddr table_;
    std::uint64_t table_frames_ = 0;
    std::size_t size_ = 0;
};

} // namespace kernel
