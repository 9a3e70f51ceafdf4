// SPDX-License-Identifier: MIT
// The pages of a file: a tree of tables of 512 words, as deep as the highest page asks for, so that a file with holes
// takes memory for what is in it.  No table for a file of one page.
// Invariant: every frame in the tree has one holder for it; file_space counts each table as a page.
#pragma once

#include "arch/address.h"
#include "base/result.h"
#include "fs/file_space.h"
#include "mm/frame_allocator.h"

#include <cstdint>

namespace kernel {

/// A page in the tree: its frame, and whether it differs from what it was made of.  0: there is none.
class FilePage {
public:
    constexpr FilePage() = default;
    constexpr FilePage(arch::PhysAddr frame, bool changed) : word_(frame.value | (changed ? kChanged : 0)) {}

    constexpr explicit operator bool() const { return word_ != 0; }
    constexpr arch::PhysAddr frame() const { return arch::PhysAddr{word_ & ~kChanged}; }
    constexpr bool changed() const { return (word_ & kChanged) != 0; }

private:
    static constexpr std::uint64_t kChanged = 1;
    std::uint64_t word_ = 0;
};

class PageTree {
public:
    /// Pages are numbered below this: 2^63 bytes.
    static constexpr std::uint64_t kMaximumPages = std::uint64_t{1} << 51;

    bool empty() const { return !root_; }
    /// The page `index`, or none.
    FilePage find(const FrameAllocator& frames, std::uint64_t index) const;
    /// The place of page `index`, with the tables to it.  ENOMEM, ENOSPC, and nothing that matters has changed.
    base::Result<FilePage*> place(FrameAllocator& frames, std::uint64_t index);
    /// The first page from `index` on, ~0 when there is none.
    std::uint64_t next(const FrameAllocator& frames, std::uint64_t index) const;

    /// Takes out the pages from `index` on, and the tables that are for no other; `dropped` hears of each.
    /// @param dropped  object with operator()(FilePage); it owns the page's holder from then on
    template <typename Dropped> void drop_from(FrameAllocator& frames, std::uint64_t index, Dropped dropped);
    /// Takes out the pages that `wanted` names; tables stay.
    template <typename Wanted, typename Dropped> void drop_some(FrameAllocator& frames, Wanted wanted, Dropped dropped);

private:
    static constexpr unsigned kBits = 9;
    static constexpr unsigned kEntries = 1u << kBits;

    static FilePage* table(const FrameAllocator& frames, FilePage entry)
    {
        return frames.window().at<FilePage>(entry.frame());
    }
    static base::Result<arch::PhysAddr> make_table(FrameAllocator& frames);
    /// The pages below one entry at `height`.
    static constexpr std::uint64_t span(unsigned height) { return std::uint64_t{1} << (kBits * height); }
    bool reaches(std::uint64_t index) const { return index < span(height_); }

    template <typename Dropped>
    static bool drop_below(FrameAllocator& frames, FilePage entry, unsigned height, std::uint64_t index, Dropped& drop);
    template <typename Wanted, typename Dropped>
    static void visit(FrameAllocator& frames, FilePage& entry, unsigned height, Wanted& wanted, Dropped& dropped);

    FilePage root_; ///< a page at height 0, else a table
    unsigned height_ = 0;
};

/// True when nothing is left below `entry`, which the caller forgets then.  As deep as the tree.
template <typename Dropped>
bool PageTree::drop_below(FrameAllocator& frames, FilePage entry, unsigned height, std::uint64_t index, Dropped& drop)
{
    if (height == 0) {
        drop(entry);
        return true;
    }
    const std::uint64_t below = span(height - 1);
    const auto first = static_cast<unsigned>(index / below);
    FilePage* const entries = table(frames, entry);
    for (unsigned i = first; i < kEntries; ++i) {
        const std::uint64_t from = i == first ? index % below : 0;
        if (entries[i] && drop_below(frames, entries[i], height - 1, from, drop)) {
            entries[i] = {};
        }
    }
    if (index != 0) {
        return false;
    }
    frames.free(entry.frame());
    file_space.give_page();
    return true;
}

template <typename Dropped> void PageTree::drop_from(FrameAllocator& frames, std::uint64_t index, Dropped dropped)
{
    if (root_ && reaches(index) && drop_below(frames, root_, height_, index, dropped)) {
        root_ = {};
        height_ = 0;
    }
}

template <typename Wanted, typename Dropped>
void PageTree::visit(FrameAllocator& frames, FilePage& entry, unsigned height, Wanted& wanted, Dropped& dropped)
{
    if (height != 0) {
        FilePage* const entries = table(frames, entry);
        for (unsigned i = 0; i < kEntries; ++i) {
            if (entries[i]) {
                visit(frames, entries[i], height - 1, wanted, dropped);
            }
        }
    } else if (wanted(entry)) {
        dropped(entry);
        entry = {};
    }
}

template <typename Wanted, typename Dropped>
void PageTree::drop_some(FrameAllocator& frames, Wanted wanted, Dropped dropped)
{
    if (root_) {
        visit(frames, root_, height_, wanted, dropped);
    }
}

} // namespace kernel
