// SPDX-License-Identifier: MIT
// The way through the tables to one page's entry.  [SDM 3A "4-Level Paging and 5-Level Paging"]
#pragma once

#include "arch/paging.h"
#include "base/result.h"
#include "mm/frame_allocator.h"

namespace kernel {

/// Rights are decided at the leaf: the tables above grant everything that their half may have.
inline constexpr std::uint64_t kUserTable =
    arch::PageEntry::kPresent | arch::PageEntry::kWritable | arch::PageEntry::kUser;
inline constexpr std::uint64_t kKernelTable = arch::PageEntry::kPresent | arch::PageEntry::kWritable;

inline arch::PageEntry* table_at(const FrameAllocator& frames, arch::PhysAddr table)
{
    return frames.window().at<arch::PageEntry>(table);
}

/// The last-level table for some page, and where the next one begins.
struct TableSpan {
    arch::PageEntry* entries = nullptr; ///< nullptr: there is no table for these pages
    arch::PhysAddr table;               ///< its frame
    arch::VirtAddr end;                 ///< the first page that it is not for
};

/// The span of `page`; where a table of a higher level is missing, the whole span of that one.
inline TableSpan find_span(const FrameAllocator& frames, arch::PhysAddr root, arch::VirtAddr page)
{
    arch::PhysAddr table = root;
    for (unsigned level = arch::kTopLevel; level > 1; --level) {
        const arch::PageEntry entry = table_at(frames, table)[arch::table_index(page.value, level)];
        if (!entry.has(arch::PageEntry::kPresent) || entry.has(arch::PageEntry::kPageSize)) {
            return {nullptr, {}, arch::VirtAddr{(page.value | (arch::leaf_size(level) - 1)) + 1}};
        }
        table = entry.frame();
    }
    return {table_at(frames, table), table, arch::VirtAddr{(page.value | (arch::leaf_size(2) - 1)) + 1}};
}

} // namespace kernel
