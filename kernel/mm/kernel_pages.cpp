// SPDX-License-Identifier: MIT
#include "mm/kernel_pages.h"

#include "base/assert.h"
#include "layout/address_map.h"
#include "mm/page_path.h"
#include "mm/tlb.h"

namespace kernel {

using arch::PageEntry;
using arch::PhysAddr;
using arch::VirtAddr;
using base::fail;
using base::Result;
using uapi::Error;

namespace {

bool is_kernel_page(VirtAddr page)
{
    return page.page_aligned() && page >= layout::kKernelHalf;
}

/// The last-level entry for `page`, with the tables on the way to it made where they are missing.
/// ENOMEM; EEXIST when a large page covers the place.
Result<PageEntry*> make_path(FrameAllocator& frames, PhysAddr root, VirtAddr page)
{
    PhysAddr table = root;
    for (unsigned level = arch::kTopLevel;; --level) {
        PageEntry& entry = table_at(frames, table)[arch::table_index(page.value, level)];
        if (level == 1) {
            return &entry;
        }
        if (!entry.has(PageEntry::kPresent)) {
            // A top-level entry of the kernel's half would be missing from every other address space.
            ASSERT(level != arch::kTopLevel);
            entry = PageEntry(TRY(frames.allocate_zeroed(FrameKind::PageTable)), kKernelTable);
        } else if (entry.has(PageEntry::kPageSize)) {
            return fail(Error::Eexist);
        }
        table = entry.frame();
    }
}

} // namespace

Result<void> map_kernel_page(FrameAllocator& frames, PhysAddr kernel_root, VirtAddr page, PhysAddr frame,
                             PageRights rights)
{
    ASSERT(frame.page_aligned());
    if (!is_kernel_page(page)) {
        return fail(Error::Einval);
    }
    if (rights.write && rights.execute) {
        return fail(Error::Eacces);
    }
    PageEntry* const entry = TRY(make_path(frames, kernel_root, page));
    if (entry->has(PageEntry::kPresent)) {
        return fail(Error::Eexist);
    }
    // No INVLPG: the CPU keeps no translation of a page that was not present.  [SDM 3A "Caching Translation
    // Information"]
    *entry = leaf_entry(frame, rights, PageEntry::kGlobal);
    return {};
}

Result<PhysAddr> unmap_kernel_page(FrameAllocator& frames, PhysAddr kernel_root, VirtAddr page)
{
    if (!is_kernel_page(page)) {
        return fail(Error::Einval);
    }
    const TableSpan span = find_span(frames, kernel_root, page);
    if (span.entries == nullptr) {
        return fail(Error::Efault);
    }
    PageEntry& entry = span.entries[arch::table_index(page.value, 1)];
    if (!entry.has(PageEntry::kPresent)) {
        return fail(Error::Efault);
    }
    const PhysAddr frame = entry.frame();
    entry = PageEntry();
    invalidate_page(page);
    return frame;
}

} // namespace kernel
