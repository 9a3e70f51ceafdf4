// SPDX-License-Identifier: MIT
#include "mm/address_space.h"

#include "base/assert.h"
#include "layout/address_map.h"
#include "mm/page_path.h"
#include "mm/unmap_batch.h"

#include <utility>

namespace kernel {

using arch::kPageSize;
using arch::PageEntry;
using arch::PhysAddr;
using arch::VirtAddr;
using base::fail;
using base::Result;
using uapi::Error;

namespace {

bool is_user_page(VirtAddr page)
{
    return page.page_aligned() && page >= layout::kUserBegin && page < layout::kUserEnd;
}

} // namespace

AddressSpace::AddressSpace(AddressSpace&& other) noexcept
    : frames_(other.frames_), root_(std::exchange(other.root_, PhysAddr{})), pages_(std::exchange(other.pages_, 0)),
      tables_(std::exchange(other.tables_, 0))
{
}

AddressSpace& AddressSpace::operator=(AddressSpace&& other) noexcept
{
    ASSERT(root_ == PhysAddr{});
    frames_ = other.frames_;
    root_ = std::exchange(other.root_, PhysAddr{});
    pages_ = std::exchange(other.pages_, 0);
    tables_ = std::exchange(other.tables_, 0);
    return *this;
}

Result<AddressSpace> AddressSpace::create(FrameAllocator& frames, PhysAddr kernel_root)
{
    const PhysAddr root = TRY(frames.allocate(FrameKind::PageTable));
    constexpr std::uint64_t kHalf = layout::kFirstKernelTopEntry * sizeof(PageEntry);
    auto* const entries = frames.window().at<std::uint8_t>(root);
    __builtin_memset(entries, 0, kHalf);
    __builtin_memcpy(entries + kHalf, frames.window().at<const std::uint8_t>(kernel_root) + kHalf, kPageSize - kHalf);
    return AddressSpace(frames, root);
}

Result<AddressSpace::Leaf> AddressSpace::make_leaf(VirtAddr page)
{
    PhysAddr table = root_;
    for (unsigned level = arch::kTopLevel; level > 1; --level) {
        PageEntry& entry = table_at(*frames_, table)[arch::table_index(page.value, level)];
        if (!entry.has(PageEntry::kPresent)) {
            const Result<PhysAddr> made = frames_->allocate_zeroed(FrameKind::PageTable);
            if (!made) {
                prune(page);
                return fail(made.error());
            }
            entry = PageEntry(*made, kUserTable);
            ++tables_;
            if (level != arch::kTopLevel) {
                frames_->share(table);
            }
        }
        table = entry.frame();
    }
    return Leaf{&table_at(*frames_, table)[arch::table_index(page.value, 1)], table};
}

void AddressSpace::fill(const Leaf& leaf, PageEntry entry)
{
    // No INVLPG: the CPU keeps no translation of a page that was not present.  [SDM 3A "Caching Translation
    // Information"]
    *leaf.entry = entry;
    frames_->share(leaf.table);
    ++pages_;
}

Result<void> AddressSpace::map(VirtAddr page, PhysAddr frame, PageRights rights)
{
    ASSERT(frame.page_aligned());
    if (!is_user_page(page)) {
        return fail(Error::Einval);
    }
    if (rights.write && rights.execute) {
        return fail(Error::Eacces);
    }
    const Leaf leaf = TRY(make_leaf(page));
    if (*leaf.entry != PageEntry()) {
        return fail(Error::Eexist);
    }
    fill(leaf, leaf_entry(frame, rights, PageEntry::kUser));
    return {};
}

/// `count` entries have left the last-level table of `page`: frees it, and those above, when they are empty.
void AddressSpace::drop_entries(VirtAddr page, unsigned count, UnmapBatch& batch)
{
    PhysAddr tables[arch::kTopLevel]; // [level - 1]
    PageEntry* entries[arch::kTopLevel];
    PhysAddr table = root_;
    unsigned lowest = arch::kTopLevel;
    for (;; --lowest) {
        tables[lowest - 1] = table;
        entries[lowest - 1] = &table_at(*frames_, table)[arch::table_index(page.value, lowest)];
        if (lowest == 1 || !entries[lowest - 1]->has(PageEntry::kPresent)) {
            break;
        }
        table = entries[lowest - 1]->frame();
    }
    for (unsigned level = lowest; level < arch::kTopLevel; ++level) {
        const PhysAddr emptied = tables[level - 1];
        const unsigned holders = count == 0 ? frames_->holders(emptied) : frames_->unshare(emptied, count);
        if (holders > 1) {
            return;
        }
        *entries[level] = PageEntry();
        --tables_;
        batch.release(page, emptied);
        count = 1; // in the table above
    }
}

void AddressSpace::prune(VirtAddr page)
{
    UnmapBatch batch(*frames_, is_current_root(root_));
    drop_entries(page, 0, batch);
}

std::expected<Translation, WalkError> AddressSpace::walk(VirtAddr address, Access access) const
{
    return kernel::walk(frames_->window(), root_, address, access);
}

void AddressSpace::destroy()
{
    if (root_ == PhysAddr{}) {
        return;
    }
    ASSERT(pages_ == 0 && tables_ == 1);
    frames_->free(root_);
    root_ = PhysAddr{};
    tables_ = 0;
}

} // namespace kernel
