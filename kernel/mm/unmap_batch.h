// SPDX-License-Identifier: MIT
// Frames that have left the tables wait here until the CPU has forgotten them: only then may they be somebody else's.
// [SDM 3A "Recommended Invalidation"]
#pragma once

#include "mm/frame_allocator.h"
#include "mm/tlb.h"

namespace kernel {

class UnmapBatch {
public:
    /// @param is_current  the CPU runs under the tables that lose the pages
    UnmapBatch(FrameAllocator& frames, bool is_current) : frames_(frames), is_current_(is_current) {}
    UnmapBatch(const UnmapBatch&) = delete;
    UnmapBatch& operator=(const UnmapBatch&) = delete;
    ~UnmapBatch() { flush(); }

    /// `page`'s entry has just been cleared or restricted; the CPU must forget it.
    void forget(arch::VirtAddr page)
    {
        if (is_current_) {
            if (pages_ < kReloadAbove) {
                page_[pages_] = page.value;
            }
            ++pages_;
        }
    }
    /// `frame`, which belonged to `page` or to a table on the way to it, loses a holder once the CPU has forgotten it.
    void release(arch::VirtAddr page, arch::PhysAddr frame)
    {
        if (waiting_ == kCapacity) {
            flush();
        }
        frame_[waiting_++] = frame.value;
        forget(page);
    }

    void flush()
    {
        if (pages_ > kReloadAbove) {
            invalidate_user_pages();
        } else {
            for (unsigned i = 0; i < pages_; ++i) {
                invalidate_page(arch::VirtAddr{page_[i]});
            }
        }
        pages_ = 0;
        for (unsigned i = 0; i < waiting_; ++i) {
            frames_.free(arch::PhysAddr{frame_[i]});
        }
        waiting_ = 0;
    }

    /// From this many pages on, one load of CR3 costs less than an INVLPG each.
    static constexpr unsigned kReloadAbove = 16;

private:
    static constexpr unsigned kCapacity = 64;

    FrameAllocator& frames_;
    bool is_current_;
    unsigned pages_ = 0;
    unsigned waiting_ = 0;
    std::uint64_t page_[kReloadAbove]; ///< plain words, so that nobody has to clear them
    std::uint64_t frame_[kCapacity];
};

} // namespace kernel
