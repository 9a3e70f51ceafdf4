// SPDX-License-Identifier: MIT
// What happens to many pages at once: one look at the tables above for each 2 MiB, nothing for tables that do not
// exist.
#include "base/assert.h"
#include "base/min_max.h"
#include "mm/address_space.h"
#include "mm/page_path.h"
#include "mm/unmap_batch.h"

namespace kernel {

using arch::kPageSize;
using arch::PageEntry;
using arch::PhysAddr;
using arch::VirtAddr;
using base::Result;

namespace {

/// Calls visit(page, entry) for each entry in use in [begin, end), and after each table done(a page of it, how many
/// entries it visited).
template <typename Visit, typename Done>
void for_each_entry(const FrameAllocator& frames, PhysAddr root, VirtAddr begin, VirtAddr end, Visit visit, Done done)
{
    for (VirtAddr page = begin; page < end;) {
        const TableSpan span = find_span(frames, root, page);
        const VirtAddr stop = base::min(span.end, end);
        if (span.entries != nullptr) {
            const VirtAddr first = page;
            unsigned visited = 0;
            for (PageEntry* entry = span.entries + arch::table_index(page.value, 1); page < stop;
                 ++entry, page += kPageSize) {
                if (*entry != PageEntry()) {
                    visit(page, *entry);
                    ++visited;
                }
            }
            done(first, visited);
        }
        page = stop;
    }
}

} // namespace

void AddressSpace::unmap(VirtAddr begin, VirtAddr end)
{
    UnmapBatch batch(*frames_, is_current_root(root_));
    for_each_entry(
        *frames_, root_, begin, end,
        [&](VirtAddr page, PageEntry& entry) {
            const PageEntry old = entry;
            entry = PageEntry();
            if (old.has(kBorrowed)) {
                batch.forget(page);
            } else {
                batch.release(page, old.frame());
            }
        },
        [&](VirtAddr page, unsigned count) {
            if (count != 0) {
                pages_ -= count;
                drop_entries(page, count, batch);
            }
        });
}

void AddressSpace::protect(VirtAddr begin, VirtAddr end, bool access, PageRights rights, bool shared)
{
    UnmapBatch batch(*frames_, is_current_root(root_));
    for_each_entry(
        *frames_, root_, begin, end,
        [&](VirtAddr page, PageEntry& entry) {
            const PageRights now{.write = rights.write && shared, .execute = rights.execute};
            const PageEntry leaf = leaf_entry(entry.frame(), now, PageEntry::kUser);
            const std::uint64_t borrowed = entry.raw() & kBorrowed;
            entry = PageEntry((leaf.raw() | borrowed) & (access ? ~std::uint64_t{0} : ~PageEntry::kPresent));
            batch.forget(page);
        },
        [](VirtAddr, unsigned) {});
}

Result<void> AddressSpace::share_with(AddressSpace& child, VirtAddr begin, VirtAddr end, bool shared)
{
    UnmapBatch batch(*frames_, is_current_root(root_));
    for (VirtAddr page = begin; page < end;) {
        const TableSpan span = find_span(*frames_, root_, page);
        const VirtAddr stop = base::min(span.end, end);
        if (span.entries == nullptr) {
            page = stop;
            continue;
        }
        Leaf leaf{};
        unsigned copied = 0;
        bool full = false;
        for (; page < stop; page += kPageSize) {
            const unsigned index = arch::table_index(page.value, 1);
            PageEntry& entry = span.entries[index];
            if (entry == PageEntry()) {
                continue;
            }
            if (copied == 0) {
                leaf = TRY(child.make_leaf(page));
                leaf.entry -= index;
            }
            if (!shared && entry.has(PageEntry::kWritable)) {
                entry = PageEntry(entry.raw() & ~PageEntry::kWritable);
                batch.forget(page);
            }
            if (!entry.has(kBorrowed) && !frames_->try_share(entry.frame())) {
                full = true; // as many hold a file's page as can be counted
                break;
            }
            leaf.entry[index] = entry;
            ++copied;
        }
        if (copied != 0) {
            frames_->share(leaf.table, copied);
            child.pages_ += copied;
        }
        if (full) {
            return base::fail(uapi::Error::Enomem);
        }
    }
    return {};
}

/// Makes the tables that the pages of [from, from + size) need at their new place.
Result<void> AddressSpace::reserve_tables(VirtAddr from, VirtAddr to, std::uint64_t size)
{
    Result<void> result;
    for_each_entry(
        *frames_, root_, from, from + size,
        [&](VirtAddr page, PageEntry&) {
            if (result) {
                const Result<Leaf> leaf = make_leaf(to + (page - from));
                result = leaf ? Result<void>{} : base::fail(leaf.error());
            }
        },
        [](VirtAddr, unsigned) {});
    if (!result) {
        for (VirtAddr page = to; page < to + size; page = find_span(*frames_, root_, page).end) {
            prune(page);
        }
    }
    return result;
}

Result<void> AddressSpace::move(VirtAddr from, VirtAddr to, std::uint64_t size)
{
    TRY(reserve_tables(from, to, size));
    UnmapBatch batch(*frames_, is_current_root(root_));
    for_each_entry(
        *frames_, root_, from, from + size,
        [&](VirtAddr page, PageEntry& entry) {
            const Result<Leaf> leaf = make_leaf(to + (page - from));
            ASSERT(leaf && *leaf->entry == PageEntry());
            fill(*leaf, entry);
            entry = PageEntry();
            batch.forget(page);
        },
        [&](VirtAddr page, unsigned count) {
            if (count != 0) {
                pages_ -= count;
                drop_entries(page, count, batch);
            }
        });
    return {};
}

} // namespace kernel
