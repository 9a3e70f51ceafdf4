// SPDX-License-Identifier: MIT
#include "trap/name_calls.h"

#include "fs/fifo.h"
#include "fs/names.h"
#include "fs/tmpfs.h"
#include "trap/path_argument.h"

namespace kernel {

using arch::VirtAddr;
using base::fail;
using base::Result;
using base::StringView;
using uapi::Error;
namespace at = uapi::at_flag;
namespace mode_bit = uapi::file_mode;

namespace {

constexpr Walk kAsItIs{.follow = false, .may_miss = true, .as_it_is = true};

/// Where something new is to have its name.
Result<Place> find_new(std::uint64_t directory, VirtAddr path, bool for_directory)
{
    Place place = TRY(find_place(directory, path, kAsItIs));
    TRY(names::can_make(place, for_directory));
    return place;
}

Result<std::uint64_t> name(const Place& place, const Result<InodeRef>& made)
{
    if (!made) {
        return fail(made.error());
    }
    TRY(names::add(place, **made));
    return 0;
}

} // namespace

Result<std::uint64_t> mkdirat(std::uint64_t directory, VirtAddr path, std::uint64_t mode)
{
    const Place place = TRY(find_new(directory, path, true));
    const std::uint32_t permissions = as_int(mode) & (0777 | mode_bit::kSticky) & ~caller().umask;
    return name(place, tmpfs::make_directory(permissions, *place.parent().changeable()));
}

Result<std::uint64_t> mknodat(std::uint64_t directory, VirtAddr path, std::uint64_t mode)
{
    const std::uint32_t type = as_int(mode) & mode_bit::kType;
    if (type == mode_bit::kDirectory) {
        return fail(Error::Eperm);
    }
    const Place place = TRY(find_new(directory, path, false));
    const std::uint32_t permissions = as_int(mode) & mode_bit::kPermissions & ~caller().umask;
    if (type == mode_bit::kFifo) {
        return name(place, Fifo::create(permissions));
    }
    if (type != 0 && type != mode_bit::kRegular) {
        return fail(Error::Eperm);
    }
    return name(place, tmpfs::make_file(permissions));
}

Result<std::uint64_t> unlinkat(std::uint64_t directory, VirtAddr path, std::uint64_t flags)
{
    if ((as_int(flags) & ~at::kRemoveDirectory) != 0) {
        return fail(Error::Einval);
    }
    const Place place = TRY(find_place(directory, path, kAsItIs));
    TRY((as_int(flags) & at::kRemoveDirectory) != 0 ? names::remove_directory(place) : names::unlink(place));
    return 0;
}

Result<std::uint64_t> renameat2(std::uint64_t old_directory, VirtAddr old_path, std::uint64_t new_directory,
                                VirtAddr new_path, std::uint64_t flags)
{
    if ((as_int(flags) & ~uapi::kRenameNoReplace) != 0) {
        return fail(Error::Einval);
    }
    const Place from = TRY(find_place(old_directory, old_path, kAsItIs, 0));
    const Place to = TRY(find_place(new_directory, new_path, kAsItIs, 1));
    TRY(names::rename(from, to, (as_int(flags) & uapi::kRenameNoReplace) == 0));
    return 0;
}

Result<std::uint64_t> linkat(std::uint64_t old_directory, VirtAddr old_path, std::uint64_t new_directory,
                             VirtAddr new_path, std::uint64_t flags)
{
    if ((as_int(flags) & ~(at::kFollow | at::kEmptyPath)) != 0) {
        return fail(Error::Einval);
    }
    const std::uint32_t follow = (as_int(flags) & at::kFollow) != 0 ? 0 : at::kNoFollow;
    const InodeRef inode = TRY(find_inode(old_directory, old_path, follow | (as_int(flags) & at::kEmptyPath)));
    const Place place = TRY(find_place(new_directory, new_path, kAsItIs));
    TRY(names::link(*inode, place));
    return 0;
}

Result<std::uint64_t> symlinkat(VirtAddr target, std::uint64_t directory, VirtAddr path)
{
    const StringView text = TRY(read_path(target, 1));
    if (text.empty()) {
        return fail(Error::Enoent);
    }
    const Place place = TRY(find_new(directory, path, false));
    return name(place, tmpfs::make_link(text));
}

} // namespace kernel
