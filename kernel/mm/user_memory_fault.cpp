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
    return !area.file.empty() && page - area.begin < area.lead + area.file.size();
}

/// Fills `frame` as `page` is before anybody has written to it.
void fill_from_file(const Vma& area, VirtAddr page, std::uint8_t* frame)
{
    const VirtAddr file_begin = area.begin + area.lead;
    const VirtAddr begin = base::max(page, file_begin);
    const VirtAddr end = base::min(page + kPageSize, file_begin + area.file.size());
    if (end - begin < kPageSize) {
        __builtin_memset(frame, 0, kPageSize);
    }
    __builtin_memcpy(frame + begin.page_offset(), area.file.data() + (begin - file_begin), end - begin);
}

} // namespace

/// An area for `page` below the stack at `index`, which grows down to it, or nullptr when it may not.
Vma* UserMemory::grow_stack(std::size_t index, VirtAddr page)
{
    Vma& stack = areas_[index];
    if (stack.kind != VmaKind::Stack || stack.end - page > layout::kUserStackLimit) {
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
    if (area.kind == VmaKind::File && !has_file_bytes(area, page)) {
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
        return own(page, entry);
    }
    invalidate_page(page); // the CPU remembered less than the tables say
    return FaultResult::Handled;
}

/// The first touch of a page.
FaultResult UserMemory::bring_in(const Vma& area, VirtAddr page, Access access, const AddressSpace::Leaf& leaf)
{
    const PageRights rights = area.protection.rights();
    const bool from_file = has_file_bytes(area, page);
    if (!from_file && !access.write && area.kind != VmaKind::Shared) {
        const PageEntry zero = leaf_entry(zero_page_, {.execute = rights.execute}, PageEntry::kUser);
        space_.fill(leaf, PageEntry(zero.raw() | AddressSpace::kBorrowed));
        return FaultResult::Handled;
    }
    const Result<PhysAddr> frame = space_.frames().allocate(FrameKind::User);
    if (!frame) {
        space_.prune(page);
        return FaultResult::OutOfMemory;
    }
    auto* const bytes = space_.frames().window().at<std::uint8_t>(*frame);
    if (from_file) {
        fill_from_file(area, page, bytes);
    } else {
        __builtin_memset(bytes, 0, kPageSize);
    }
    space_.fill(leaf, leaf_entry(*frame, rights, PageEntry::kUser));
    return FaultResult::Handled;
}

/// The first write to a page that is there: makes its frame the Vessel's own.
FaultResult UserMemory::own(VirtAddr page, PageEntry& entry)
{
    FrameAllocator& frames = space_.frames();
    const PhysAddr old = entry.frame();
    const bool borrowed = entry.has(AddressSpace::kBorrowed);
    if (!borrowed && frames.holders(old) == 1) {
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
