// SPDX-License-Identifier: MIT
// [SDM 3A "4-Level Paging and 5-Level Paging"]
#include "mm/address_space.h"

#include "base/assert.h"
#include "layout/address_map.h"

namespace kernel {

using arch::PageEntry;
using arch::PhysAddr;
using arch::VirtAddr;
using base::fail;
using base::Result;
using uapi::Error;

namespace {

/// Rights are decided at the leaf: the tables above grant everything that their half may have.
constexpr std::uint64_t kUserTable = PageEntry::kPresent | PageEntry::kWritable | PageEntry::kUser;
constexpr std::uint64_t kKernelTable = PageEntry::kPresent | PageEntry::kWritable;

/// The PML4 entries below this one are the Vessel's own.
constexpr unsigned kUserTopEntries = layout::kFirstKernelTopEntry;

PageEntry* table_at(const FrameAllocator& frames, PhysAddr table)
{
    return frames.window().at<PageEntry>(table);
}

PageEntry leaf_entry(PhysAddr frame, PageRights rights, std::uint64_t user)
{
    return {frame, PageEntry::kPresent | user | (rights.write ? PageEntry::kWritable : 0) |
                       (rights.execute ? 0 : PageEntry::kNoExecute)};
}

/// The level-1 entry for `page`, with the tables on the way to it made where they are missing.
/// ENOMEM; EEXIST when a large page covers the place.
Result<PageEntry*> make_path(FrameAllocator& frames, PhysAddr root, VirtAddr page, std::uint64_t table_flags)
{
    PhysAddr table = root;
    for (unsigned level = arch::kTopLevel;; --level) {
        PageEntry& entry = table_at(frames, table)[arch::table_index(page.value, level)];
        if (level == 1) {
            return &entry;
        }
        if (!entry.has(PageEntry::kPresent)) {
            // A top-level entry of the kernel's half would be missing from every other address space.
            ASSERT(level != arch::kTopLevel || (table_flags & PageEntry::kUser) != 0);
            entry = PageEntry(TRY(frames.allocate_zeroed(FrameKind::PageTable)), table_flags);
        } else if (entry.has(PageEntry::kPageSize)) {
            return fail(Error::Eexist);
        }
        table = entry.frame();
    }
}

/// The level-1 entry of a page that is there, or nullptr.
PageEntry* find_leaf(const FrameAllocator& frames, PhysAddr root, VirtAddr page)
{
    PhysAddr table = root;
    for (unsigned level = arch::kTopLevel;; --level) {
        PageEntry& entry = table_at(frames, table)[arch::table_index(page.value, level)];
        if (!entry.has(PageEntry::kPresent) || (level > 1 && entry.has(PageEntry::kPageSize))) {
            return nullptr;
        }
        if (level == 1) {
            return &entry;
        }
        table = entry.frame();
    }
}

Result<void> map_page(FrameAllocator& frames, PhysAddr root, VirtAddr page, PhysAddr frame, PageRights rights,
                      std::uint64_t table_flags)
{
    ASSERT(frame.page_aligned());
    if (rights.write && rights.execute) {
        return fail(Error::Eacces);
    }
    PageEntry* const entry = TRY(make_path(frames, root, page, table_flags));
    if (entry->has(PageEntry::kPresent)) {
        return fail(Error::Eexist);
    }
    // No INVLPG: the CPU keeps no translation of a page that was not present.  [SDM 3A "Caching Translation
    // Information"]
    *entry = leaf_entry(frame, rights, table_flags & PageEntry::kUser);
    return {};
}

Result<PhysAddr> unmap_page(const FrameAllocator& frames, PhysAddr root, VirtAddr page)
{
    PageEntry* const entry = find_leaf(frames, root, page);
    if (entry == nullptr) {
        return fail(Error::Efault);
    }
    const PhysAddr frame = entry->frame();
    *entry = PageEntry();
    invalidate_page(page);
    return frame;
}

/// Frees what `entries` entries of a user table of `level` point to, and the table itself.
void free_table(FrameAllocator& frames, PhysAddr table, unsigned level, unsigned entries)
{
    for (unsigned index = 0; index < entries; ++index) {
        const PageEntry entry = table_at(frames, table)[index];
        if (!entry.has(PageEntry::kPresent)) {
            continue;
        }
        if (level == 1) {
            frames.free(entry.frame());
        } else {
            free_table(frames, entry.frame(), level - 1, arch::kTableEntries);
        }
    }
    frames.free(table);
}

/// Copies every page below a user table of `level`, whose first entry stands for `begin`, to `to`.
Result<void> copy_table(FrameAllocator& frames, PhysAddr table, unsigned level, VirtAddr begin, AddressSpace& to)
{
    const unsigned entries = level == arch::kTopLevel ? kUserTopEntries : arch::kTableEntries;
    for (unsigned index = 0; index < entries; ++index) {
        const PageEntry entry = table_at(frames, table)[index];
        const VirtAddr address = begin + index * arch::leaf_size(level);
        if (!entry.has(PageEntry::kPresent)) {
            continue;
        }
        if (level > 1) {
            TRY(copy_table(frames, entry.frame(), level - 1, address, to));
            continue;
        }
        const PhysAddr frame = TRY(frames.allocate());
        __builtin_memcpy(frames.window().at<std::uint8_t>(frame), frames.window().at<const std::uint8_t>(entry.frame()),
                         arch::kPageSize);
        const PageRights rights{.write = entry.has(PageEntry::kWritable), .execute = !entry.has(PageEntry::kNoExecute)};
        if (const auto mapped = to.map(address, frame, rights); !mapped) {
            frames.free(frame);
            return fail(mapped.error());
        }
    }
    return {};
}

bool is_user_page(VirtAddr page)
{
    return page.page_aligned() && page >= layout::kUserBegin && page < layout::kUserEnd;
}

bool is_kernel_page(VirtAddr page)
{
    return page.page_aligned() && page >= layout::kKernelHalf;
}

} // namespace

AddressSpace::AddressSpace(AddressSpace&& other) noexcept : frames_(other.frames_), root_(other.root_)
{
    other.root_ = PhysAddr{};
}

AddressSpace& AddressSpace::operator=(AddressSpace&& other) noexcept
{
    ASSERT(root_ == PhysAddr{});
    frames_ = other.frames_;
    root_ = other.root_;
    other.root_ = PhysAddr{};
    return *this;
}

Result<AddressSpace> AddressSpace::create(FrameAllocator& frames, PhysAddr kernel_root)
{
    const PhysAddr root = TRY(frames.allocate_zeroed(FrameKind::PageTable));
    for (unsigned index = layout::kFirstKernelTopEntry; index < arch::kTableEntries; ++index) {
        table_at(frames, root)[index] = table_at(frames, kernel_root)[index];
    }
    return AddressSpace(frames, root);
}

Result<void> AddressSpace::map(VirtAddr page, PhysAddr frame, PageRights rights)
{
    if (!is_user_page(page)) {
        return fail(Error::Einval);
    }
    return map_page(*frames_, root_, page, frame, rights, kUserTable);
}

Result<PhysAddr> AddressSpace::unmap(VirtAddr page)
{
    if (!is_user_page(page)) {
        return fail(Error::Einval);
    }
    return unmap_page(*frames_, root_, page);
}

std::expected<Translation, WalkError> AddressSpace::walk(VirtAddr address, Access access) const
{
    return kernel::walk(frames_->window(), root_, address, access);
}

Result<AddressSpace> AddressSpace::copy() const
{
    // The kernel's half is the same in every space: any root can be the one to take it from.
    AddressSpace other = TRY(create(*frames_, root_));
    if (const auto copied = copy_table(*frames_, root_, arch::kTopLevel, VirtAddr{}, other); !copied) {
        other.destroy();
        return fail(copied.error());
    }
    return other;
}

void AddressSpace::destroy()
{
    if (root_ == PhysAddr{}) {
        return;
    }
    free_table(*frames_, root_, arch::kTopLevel, kUserTopEntries);
    root_ = PhysAddr{};
}

Result<void> map_kernel_page(FrameAllocator& frames, PhysAddr kernel_root, VirtAddr page, PhysAddr frame,
                             PageRights rights)
{
    if (!is_kernel_page(page)) {
        return fail(Error::Einval);
    }
    return map_page(frames, kernel_root, page, frame, rights, kKernelTable);
}

Result<PhysAddr> unmap_kernel_page(FrameAllocator& frames, PhysAddr kernel_root, VirtAddr page)
{
    if (!is_kernel_page(page)) {
        return fail(Error::Einval);
    }
    return unmap_page(frames, kernel_root, page);
}

} // namespace kernel
