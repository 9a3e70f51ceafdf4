// SPDX-License-Identifier: MIT
// Areas come, change and go.  Each call checks and reserves everything first, so that what fails has changed nothing.
#include "mm/user_memory.h"

#include "base/assert.h"
#include "base/min_max.h"
#include "mm/user_range.h"

#include <utility>

namespace kernel {

using arch::kPageSize;
using arch::PhysAddr;
using arch::VirtAddr;
using base::fail;
using base::Result;
using uapi::Error;

namespace {

bool breaks_w_xor_x(Protection protection)
{
    return protection.write && protection.execute;
}

} // namespace

Result<UserMemory> UserMemory::create(FrameAllocator& frames, PhysAddr kernel_root, PhysAddr zero_page)
{
    return with_areas(TRY(VmaSet::create(frames)), frames, kernel_root, zero_page);
}

Result<UserMemory> UserMemory::with_areas(VmaSet areas, FrameAllocator& frames, PhysAddr kernel_root,
                                          PhysAddr zero_page)
{
    Result<AddressSpace> space = AddressSpace::create(frames, kernel_root);
    if (!space) {
        areas.destroy();
        return fail(space.error());
    }
    UserMemory memory;
    memory.areas_ = std::move(areas);
    memory.space_ = *std::move(space);
    memory.zero_page_ = zero_page;
    return memory;
}

Result<UserMemory> UserMemory::fork()
{
    // The kernel's half is the same in every space: any root can be the one to take it from.
    VmaSet areas = TRY(areas_.copy());
    UserMemory child = TRY(with_areas(std::move(areas), space_.frames(), root(), zero_page_));
    child.map_top_ = map_top_;
    child.break_begin_ = break_begin_;
    child.break_end_ = break_end_;
    child.limits_ = limits_;
    for (const Vma& area : areas_) {
        const auto shared = space_.share_with(child.space_, area.begin, area.end, area.shares_frames());
        if (!shared) {
            child.destroy();
            return fail(shared.error());
        }
    }
    return child;
}

void UserMemory::destroy()
{
    for (const Vma& area : areas_) {
        space_.unmap(area.begin, area.end);
    }
    areas_.destroy();
    space_.destroy();
}

/// Takes out whatever is in [begin, end).  There is room for two more areas.
void UserMemory::remove(VirtAddr begin, VirtAddr end)
{
    areas_.cut(begin, end);
    areas_.erase(begin, end);
    space_.unmap(begin, end);
}

Result<VirtAddr> UserMemory::choose_place(VirtAddr address, std::uint64_t size, Placement placement)
{
    if (placement == Placement::Anywhere) {
        const VirtAddr hint = address.page_ceiling();
        if (is_user_range(hint, size) && areas_.find_gap(size, hint, hint + size)) {
            return hint;
        }
        std::optional<VirtAddr> gap = areas_.find_gap(size, layout::kUserBegin, map_top_);
        if (!gap) {
            gap = areas_.find_gap(size, map_top_, layout::kUserEnd);
        }
        return gap ? Result<VirtAddr>(*gap) : fail(Error::Enomem);
    }
    if (!address.page_aligned()) {
        return fail(Error::Einval);
    }
    if (address < layout::kUserBegin) {
        return fail(Error::Eperm);
    }
    if (!is_user_range(address, size)) {
        return fail(Error::Enomem);
    }
    if (placement == Placement::FixedNoReplace && !areas_.is_free(address, address + size)) {
        return fail(Error::Eexist);
    }
    return address;
}

/// Shared pages must be the same in every child: none may be missing when a child is made.
Result<void> UserMemory::fill_shared(VirtAddr begin, VirtAddr end)
{
    const Vma area{.begin = begin, .end = end, .kind = VmaKind::Shared, .protection = {.read = true, .write = true}};
    for (VirtAddr page = begin; page < end; page += kPageSize) {
        if (touch(area, page, {.write = true}) != FaultResult::Handled) {
            space_.unmap(begin, page);
            return fail(Error::Enomem);
        }
    }
    return {};
}

/// What areas have of [begin, end) that limits are for.
std::uint64_t UserMemory::bytes_in(VirtAddr begin, VirtAddr end) const
{
    std::uint64_t bytes = 0;
    for (const Vma& area : areas_) {
        const VirtAddr from = area.begin > begin ? area.begin : begin, to = area.end < end ? area.end : end;
        bytes += to > from && area.kind != VmaKind::Kernel ? to - from : 0;
    }
    return bytes;
}

/// Nobody counts where there is no limit.
bool UserMemory::may_have(std::uint64_t more) const
{
    if (limits_.bytes == ~std::uint64_t{0}) {
        return true;
    }
    const std::uint64_t now = bytes_in(VirtAddr{}, layout::kUserEnd);
    return now <= limits_.bytes && more <= limits_.bytes - now;
}

Result<VirtAddr> UserMemory::map(const Request& request)
{
    if (request.length == 0) {
        return fail(Error::Einval);
    }
    if (breaks_w_xor_x(request.protection)) {
        return fail(Error::Eacces);
    }
    const std::uint64_t size = whole_pages(request.length);
    const bool can_be_filled = request.protection.write || request.kind == VmaKind::Shared;
    if (size == 0 || (can_be_filled && size / kPageSize > space_.frames().total_frames())) {
        return fail(Error::Enomem);
    }
    const VirtAddr begin = TRY(choose_place(request.address, size, request.placement));
    const bool replaces = request.placement == Placement::Fixed;
    if (!may_have(size - (replaces ? bytes_in(begin, begin + size) : 0))) {
        return fail(Error::Enomem);
    }
    TRY(areas_.reserve(3));
    if (replaces) {
        remove(begin, begin + size);
    }
    if (request.kind == VmaKind::Shared) {
        TRY(fill_shared(begin, begin + size));
        const Protection protection = request.protection;
        space_.protect(begin, begin + size, protection.accessible(), protection.rights(), true);
    }
    areas_.insert({.begin = begin,
                   .end = begin + size,
                   .file = request.file,
                   .file_offset = request.file_offset,
                   .file_bytes = request.file != nullptr ? Vma::kAll : 0,
                   .kind = request.kind,
                   .protection = request.protection,
                   .never_written = request.never_written});
    return begin;
}

Result<void> UserMemory::add_area(const Vma& area)
{
    ASSERT(area.begin.page_aligned() && area.end.page_aligned() && area.begin < area.end);
    if (!is_user_range(area.begin, 0) || area.end > layout::kUserEnd) {
        return fail(Error::Einval);
    }
    if (breaks_w_xor_x(area.protection)) {
        return fail(Error::Eacces);
    }
    if (!areas_.is_free(area.begin, area.end)) {
        return fail(Error::Eexist);
    }
    TRY(areas_.reserve(1));
    areas_.insert(area);
    return {};
}

Result<void> UserMemory::unmap(VirtAddr begin, std::uint64_t length)
{
    const std::uint64_t size = whole_pages(length);
    if (!begin.page_aligned() || size == 0 || !is_user_range(begin, size)) {
        return fail(Error::Einval);
    }
    TRY(areas_.reserve(2));
    remove(begin, begin + size);
    return {};
}

Result<void> UserMemory::protect(VirtAddr begin, std::uint64_t length, Protection protection)
{
    if (!begin.page_aligned()) {
        return fail(Error::Einval);
    }
    if (length == 0) {
        return {};
    }
    if (breaks_w_xor_x(protection)) {
        return fail(Error::Eacces);
    }
    const std::uint64_t size = whole_pages(length);
    if (size == 0 || !is_user_range(begin, size) || !areas_.is_covered(begin, begin + size)) {
        return fail(Error::Enomem);
    }
    const VirtAddr end = begin + size;
    for (std::size_t i = areas_.first_above(begin); i < areas_.size() && areas_[i].begin < end; ++i) {
        if ((protection.write && areas_[i].never_written) || (protection.execute && areas_[i].never_executed)) {
            return fail(Error::Eacces);
        }
    }
    TRY(areas_.reserve(2));
    areas_.cut(begin, end);
    for (std::size_t i = areas_.first_above(begin); i < areas_.size() && areas_[i].begin < end; ++i) {
        Vma& area = areas_[i];
        if (area.protection == protection) {
            continue;
        }
        area.protection = protection;
        // A page of a file becomes writable at its first write, when the file has heard of that.
        space_.protect(area.begin, area.end, protection.accessible(), protection.rights(),
                       area.kind == VmaKind::Shared);
    }
    areas_.join(begin, end);
    return {};
}

Result<void> UserMemory::check_advised(VirtAddr begin, std::uint64_t length) const
{
    const std::uint64_t size = whole_pages(length);
    if (!begin.page_aligned() || (size == 0 && length != 0) || !is_user_range(begin, size)) {
        return fail(Error::Einval);
    }
    return size == 0 || areas_.is_covered(begin, begin + size) ? Result<void>{} : fail(Error::Enomem);
}

Result<void> UserMemory::discard(VirtAddr begin, std::uint64_t length)
{
    const Result<void> checked = check_advised(begin, length);
    if (!checked && checked.error() == Error::Einval) {
        return checked;
    }
    const VirtAddr end = begin + whole_pages(length);
    for (std::size_t i = areas_.first_above(begin); i < areas_.size() && areas_[i].begin < end; ++i) {
        const Vma& area = areas_[i];
        if (area.kind != VmaKind::Shared) { // whose contents are nowhere else
            space_.unmap(base::max(begin, area.begin), base::min(end, area.end));
        }
    }
    return checked;
}

void UserMemory::forget_file(const PageSource& file, std::uint64_t first)
{
    for (const Vma& area : areas_) {
        if (area.file == &file) {
            const std::uint64_t skipped =
                area.file_offset / kPageSize < first ? (first - area.file_offset / kPageSize) * kPageSize : 0;
            // Behind the file's part of a program's data the pages are the program's own.
            const std::uint64_t shown =
                area.file_bytes == Vma::kAll
                    ? area.end - area.begin
                    : base::min<std::uint64_t>(area.end - area.begin,
                                               (area.file_bytes + kPageSize - 1) & ~(kPageSize - 1));
            if (skipped < shown) {
                space_.unmap(area.begin + skipped, area.begin + shown);
            }
        }
    }
}

void UserMemory::start_break(VirtAddr begin)
{
    ASSERT(begin.page_aligned());
    break_begin_ = begin;
    break_end_ = begin;
}

VirtAddr UserMemory::set_break(VirtAddr end)
{
    if (end < break_begin_ || end > layout::kUserEnd) {
        return break_end_;
    }
    const VirtAddr old_top = break_end_.page_ceiling();
    const VirtAddr new_top = end.page_ceiling();
    if (new_top < old_top) {
        if (!areas_.reserve(2)) {
            return break_end_;
        }
        remove(new_top, old_top);
    } else if (new_top > old_top) {
        const bool fits = (new_top - old_top) / kPageSize <= space_.frames().total_frames() &&
                          areas_.is_free(old_top, new_top + layout::kUserStackGuard) && may_have(new_top - old_top);
        if (!fits || !areas_.reserve(1)) {
            return break_end_;
        }
        areas_.insert({.begin = old_top, .end = new_top, .protection = {.read = true, .write = true}});
    }
    break_end_ = end;
    return end;
}

} // namespace kernel
