// SPDX-License-Identifier: MIT
// mremap(2): an area that shrinks, grows where it is, or moves with its pages.
#include "mm/user_memory.h"
#include "mm/user_range.h"

namespace kernel {

using arch::kPageSize;
using arch::VirtAddr;
using base::fail;
using base::Result;
using uapi::Error;

/// True when `more` bytes were added behind `old_end`, the end of `area`.
Result<bool> UserMemory::grow_in_place(const Vma& area, VirtAddr old_end, std::uint64_t more)
{
    if (area.end != old_end || !is_user_range(old_end, more) || !areas_.is_free(old_end, old_end + more)) {
        return false;
    }
    if (area.shows_file()) {
        areas_[areas_.first_above(area.begin)].end = old_end + more;
        return true;
    }
    TRY(areas_.reserve(1));
    areas_.insert({.begin = old_end, .end = old_end + more, .protection = area.protection});
    return true;
}

/// Moves [address, address + old_size), all in one area, to a place with `new_size` >= `old_size` bytes.
Result<VirtAddr> UserMemory::move_area(const Remap& request, std::uint64_t old_size, std::uint64_t new_size)
{
    const VirtAddr from = request.address;
    const VirtAddr from_end = from + old_size;
    const VirtAddr wanted = request.fixed ? request.new_address : VirtAddr{};
    const VirtAddr to = TRY(choose_place(wanted, new_size, request.fixed ? Placement::Fixed : Placement::Anywhere));
    TRY(areas_.reserve(6)); // two cuts at each place, the moved area, and what it has grown by
    if (request.fixed) {
        remove(to, to + new_size);
    }
    TRY(space_.move(from, to, old_size));
    areas_.cut(from, from_end);
    Vma moved = areas_[areas_.first_above(from)];
    PageSource* const file = moved.file;
    if (file != nullptr) {
        file->add_view(); // between its two places, too
    }
    areas_.erase(from, from_end);
    moved.begin = to;
    moved.end = to + (moved.shows_file() ? new_size : old_size);
    moved.kind = moved.kind == VmaKind::Stack ? VmaKind::Private : moved.kind;
    areas_.insert(moved);
    if (moved.end < to + new_size) {
        areas_.insert({.begin = moved.end, .end = to + new_size, .protection = moved.protection});
    }
    if (file != nullptr) {
        file->drop_view();
    }
    return to;
}

Result<VirtAddr> UserMemory::remap(const Remap& request)
{
    const std::uint64_t old_size = whole_pages(request.old_length);
    const std::uint64_t new_size = whole_pages(request.new_length);
    const VirtAddr begin = request.address;
    if (!begin.page_aligned() || old_size == 0 || new_size == 0 || (request.fixed && !request.may_move)) {
        return fail(Error::Einval);
    }
    if (request.fixed) {
        const VirtAddr to = request.new_address;
        if (!to.page_aligned() || !is_user_range(to, new_size) || (to < begin + old_size && begin < to + new_size)) {
            return fail(Error::Einval);
        }
    }
    const std::size_t index = areas_.first_above(begin);
    if (!is_user_range(begin, old_size) || index == areas_.size() || areas_[index].begin > begin ||
        areas_[index].end < begin + old_size) {
        return fail(Error::Efault);
    }
    const Vma area = areas_[index];
    if (new_size > old_size) {
        const std::uint64_t more = new_size - old_size;
        if (area.kind == VmaKind::Shared) {
            return fail(Error::Einval);
        }
        if (area.kind == VmaKind::Kernel) {
            return fail(Error::Efault);
        }
        if (!may_have(more) || more / kPageSize > space_.frames().total_frames()) {
            return fail(Error::Enomem);
        }
        if (!request.fixed && TRY(grow_in_place(area, begin + old_size, more))) {
            return begin;
        }
        return request.may_move ? move_area(request, old_size, new_size) : fail(Error::Enomem);
    }
    TRY(areas_.reserve(8));
    if (new_size < old_size) {
        remove(begin + new_size, begin + old_size);
    }
    return request.fixed ? move_area(request, new_size, new_size) : Result<VirtAddr>(begin);
}

} // namespace kernel
