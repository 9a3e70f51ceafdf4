// SPDX-License-Identifier: MIT
#include "trap/path_argument.h"

#include "cpu/user_string.h"
#include "fs/tmpfs.h"

namespace kernel {

using arch::VirtAddr;
using base::fail;
using base::Result;
using base::StringView;
using uapi::Error;

Result<HeldFile> find_file(std::uint64_t descriptor)
{
    return caller().files.find(as_int(descriptor));
}

Result<HeldFile> find_usable(std::uint64_t descriptor)
{
    Result<HeldFile> file = find_file(descriptor);
    return file && (*file)->path_only ? fail(Error::Ebadf) : std::move(file);
}

Result<StringView> read_path(VirtAddr path, unsigned number)
{
    return read_user_string(path_buffers[number].text, path);
}

namespace {

/// Where a path begins that does not begin with '/'.
Result<InodeRef> start_of(std::uint64_t directory)
{
    if (as_int(directory) == kHere) {
        return InodeRef(*caller().directory);
    }
    const HeldFile file = TRY(find_file(directory));
    return InodeRef(*file->inode);
}

} // namespace

Result<Place> find_place(std::uint64_t directory, VirtAddr path, Walk how, unsigned number)
{
    const StringView text = TRY(read_path(path, number));
    if (text.starts_with("/")) {
        return walk(tmpfs::root(), tmpfs::root(), text, how, path_buffers[number]);
    }
    if (text.empty()) {
        return fail(Error::Enoent);
    }
    if (as_int(directory) == kHere) {
        return walk(tmpfs::root(), *caller().directory, text, how, path_buffers[number]);
    }
    const InodeRef start = TRY(start_of(directory));
    return walk(tmpfs::root(), *start, text, how, path_buffers[number]);
}

Result<InodeRef> find_inode(std::uint64_t directory, VirtAddr path, std::uint32_t flags)
{
    if ((flags & uapi::at_flag::kEmptyPath) != 0 && TRY(read_path(path)).empty()) {
        return start_of(directory);
    }
    Place place = TRY(find_place(directory, path, {.follow = (flags & uapi::at_flag::kNoFollow) == 0}));
    return std::move(place.inode);
}

} // namespace kernel
