// SPDX-License-Identifier: MIT
// What a page fault finds: pages appear when they are touched, and are copied when they are written.
#include "base/assert.h"
#include "base/min_max.h"
#include "layout/address_map.h"
#include "mm/tlb.h"
#include "mm/user_memory.h"

namespace kernel {

using arch::kPageSize;
using arch::PageEntry;
using arch::PhysAddr;
using arch::VirtAddr;
using base::Result;

namespace {

bool allows(Protection protection, Access access)
{
    if (access.write) {
        return protection.write;
    }
    return access.fetch ? protection.execute : protection.accessible();
}

/// Some byte of `page` comes from the area's file.
bool has_file_bytes(const Vma& area, VirtAddr page)
{
    return area.file != nullptr && page - area.begin < area.file_bytes;
}

/// Every byte of it does.
bool is_file_page(const Vma& area, VirtAddr page)
{
    return area.file_bytes == Vma::kAll || page + kPageSize - area.begin <= area.file_bytes;
}

std::uint64_t file_page(const Vma& area, VirtAddr page)
{
    return (area.file_offset + (page - area.begin)) / kPageSize;
}

std::uint64_t whole_pages_of(std::uint64_t size)
{
    return size / kPageSize + (size % kPageSize != 0 ? 1 : 0);
}

/// Fills `frame` as `page` is before anybody has written to it.
void fill_page(const Vma& area, VirtAddr page, std::uint8_t* frame)
{
    std::uint64_t filled = 0;
    if (has_file_bytes(area, page)) {
        const std::uint64_t at = page - area.begin;
        filled = area.file->peek(area.file_offset + at, {frame, base::min(kPageSize, area.file_bytes - at)});
    }
    __builtin_memset(frame + filled, 0, kPageSize - filled);
}

} // namespace

/// An area for `page` below the stack at `index`, which grows down to it, or nullptr when it may not.
Vma* UserMemory::grow_stack(std::size_t index, VirtAddr page)
{
    Vma& stack = areas_[index];
    if (stack.kind != VmaKind::Stack || stack.end - page > limits_.stack || !may_have(stack.begin - page)) {
        return nullptr;
    }
    if (index > 0 && (areas_[index - 1].end > page || page - areas_[index - 1].end < layout::kUserStackGuard)) {
        return nullptr;
    }
    stack.begin = page;
    return &stack;
}

Vma* UserMemory::find_area(VirtAddr address)
{
    const std::size_t index = areas_.first_above(address);
    if (index == areas_.size()) {
        return nullptr;
    }
    Vma& area = areas_[index];
    return address >= area.begin ? &area : grow_stack(index, address.page_floor());
}

FaultResult UserMemory::handle_fault(VirtAddr address, Access access)
{
    const Vma* const area = find_area(address);
    if (area == nullptr) {
        return FaultResult::NotMapped;
    }
    if (!allows(area->protection, access)) {
        return FaultResult::NotAllowed;
    }
    ++faults_;
    return touch(*area, address.page_floor(), access);
}

FaultResult UserMemory::touch(const Vma& area, VirtAddr page, Access access)
{
    if (area.shows_file() && file_page(area, page) >= whole_pages_of(area.file->file_size())) {
        return FaultResult::BehindFile;
    }
    const Result<AddressSpace::Leaf> leaf = space_.make_leaf(page);
    if (!leaf) {
        return FaultResult::OutOfMemory;
    }
    PageEntry& entry = *leaf->entry;
    if (entry == PageEntry()) {
        return bring_in(area, page, access, *leaf);
    }
    if (access.write && !entry.has(PageEntry::kWritable)) {
        return own(area, page, entry);
    }
    invalidate_page(page); // the CPU remembered less than the tables say
    return FaultResult::Handled;
}

/// The first touch of a page.
FaultResult UserMemory::bring_in(const Vma& area, VirtAddr page, Access access, const AddressSpace::Leaf& leaf)
{
    FaultResult result = FaultResult::Handled;
    const bool shared = area.kind == VmaKind::SharedFile;
    if (shared || (has_file_bytes(area, page) && is_file_page(area, page) && !access.write)) {
        result = show(area, page, shared && access.write, leaf);
    } else if (!has_file_bytes(area, page) && !access.write && area.kind != VmaKind::Shared) {
        const PageEntry zero = leaf_entry(zero_page_, {.execute = area.protection.rights().execute}, PageEntry::kUser);
        space_.fill(leaf, PageEntry(zero.raw() | AddressSpace::kBorrowed));
    } else {
        result = copy_in(area, page, leaf);
    }
    if (result != FaultResult::Handled) {
        space_.prune(page);
    }
    return result;
}

/// Maps the file's own frame, which a private area may not write.
FaultResult UserMemory::show(const Vma& area, VirtAddr page, bool write, const AddressSpace::Leaf& leaf)
{
    const Result<PhysAddr> frame = area.file->page(file_page(area, page), write);
    if (frame) {
        const PageRights rights{.write = write, .execute = area.protection.rights().execute};
        const std::uint64_t borrowed = area.kind == VmaKind::Kernel ? AddressSpace::kBorrowed : 0;
        space_.fill(leaf, PageEntry(leaf_entry(*frame, rights, PageEntry::kUser).raw() | borrowed));
        return FaultResult::Handled;
    }
    if (area.kind != VmaKind::SharedFile) {
        return copy_in(area, page, leaf);
    }
    // No room in the file system is, for whoever has mapped the file, as if it ended there.  [mmap(2) "SIGBUS"]
    return frame.error() == uapi::Error::Enomem ? FaultResult::OutOfMemory : FaultResult::BehindFile;
}

/// A frame of the Vessel's own, with what the page begins with.
FaultResult UserMemory::copy_in(const Vma& area, VirtAddr page, const AddressSpace::Leaf& leaf)
{
    const Result<PhysAddr> frame = space_.frames().allocate(FrameKind::User);
    if (!frame) {
        return FaultResult::OutOfMemory;
    }
    fill_page(area, page, space_.frames().window().at<std::uint8_t>(*frame));
    space_.fill(leaf, leaf_entry(*frame, area.protection.rights(), PageEntry::kUser));
    return FaultResult::Handled;
}

/// The first write to a page that is there: makes its frame the Vessel's own, or its file's.
FaultResult UserMemory::own(const Vma& area, VirtAddr page, PageEntry& entry)
{
    FrameAllocator& frames = space_.frames();
    const PhysAddr old = entry.frame();
    const bool borrowed = entry.has(AddressSpace::kBorrowed);
    if (area.kind == VmaKind::SharedFile) {
        const Result<PhysAddr> same = area.file->page(file_page(area, page), true);
        if (!same) {
            return same.error() == uapi::Error::Enomem ? FaultResult::OutOfMemory : FaultResult::BehindFile;
        }
        ASSERT(*same == old); // a page of a file keeps its frame
        frames.free(old);     // which the entry holds already
    }
    if (area.shares_frames() || (!borrowed && frames.holders(old) == 1)) {
        entry = PageEntry(entry.raw() | PageEntry::kWritable);
        invalidate_page(page);
        return FaultResult::Handled;
    }
    const Result<PhysAddr> frame = frames.allocate(FrameKind::User);
    if (!frame) {
        return FaultResult::OutOfMemory;
    }
    auto* const bytes = frames.window().at<std::uint8_t>(*frame);
    if (borrowed) {
        __builtin_memset(bytes, 0, kPageSize);
    } else {
        __builtin_memcpy(bytes, frames.window().at<const std::uint8_t>(old), kPageSize);
    }
    entry = leaf_entry(*frame, {.write = true}, PageEntry::kUser);
    invalidate_page(page);
    if (!borrowed) {
        frames.free(old); // one holder fewer: the others keep it
    }
    return FaultResult::Handled;
}

Result<std::uint8_t*> UserMemory::populate(VirtAddr page, Access access)
{
    ASSERT(page.page_aligned());
    const Vma* const area = find_area(page);
    if (area == nullptr) {
        return base::fail(uapi::Error::Efault);
    }
    if (!allows(area->protection, access)) {
        return base::fail(uapi::Error::Eacces);
    }
    const FaultResult touched = touch(*area, page, access);
    if (touched != FaultResult::Handled) {
        return base::fail(touched == FaultResult::OutOfMemory ? uapi::Error::Enomem : uapi::Error::Efault);
    }
    const PageEntry& entry = *TRY(space_.make_leaf(page)).entry;
    return space_.frames().window().at<std::uint8_t>(entry.frame());
}

} // namespace kernel
