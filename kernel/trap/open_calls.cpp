// SPDX-License-Identifier: MIT
#include "trap/open_calls.h"

#include "fs/names.h"
#include "fs/tmpfs.h"
#include "trap/path_argument.h"

namespace kernel {

using arch::VirtAddr;
using base::fail;
using base::Result;
using uapi::Error;
namespace flag = uapi::open_flag;

namespace {

struct OpenRequest {
    std::uint32_t flags;
    std::uint32_t mode;

    bool has(std::uint32_t bits) const { return (flags & bits) != 0; }
    bool writes() const { return (flags & flag::kAccess) != flag::kReadOnly; }
};

/// With O_PATH, only three flags mean anything.  [open(2) "O_PATH"]
OpenRequest request_of(std::uint64_t flags, std::uint64_t mode)
{
    OpenRequest request{as_int(flags), as_int(mode)};
    if (request.has(flag::kPath)) {
        request.flags &= flag::kPath | flag::kDirectory | flag::kNoFollow | flag::kCloseOnExec;
    }
    return request;
}

Result<void> check(const OpenRequest& request)
{
    if ((request.flags & flag::kAccess) == flag::kAccess ||
        (request.has(flag::kCreate) && request.has(flag::kDirectory))) {
        return fail(Error::Einval);
    }
    if (request.has(flag::kTemporary)) {
        return fail(Error::Eopnotsupp);
    }
    if (caller().files.full()) {
        return fail(Error::Emfile);
    }
    return open_files.full() ? Result<void>(fail(Error::Enfile)) : Result<void>{};
}

/// What is there may be opened so.
Result<void> check_found(const Inode& inode, const OpenRequest& request)
{
    if (request.has(flag::kCreate) && request.has(flag::kExclusive)) {
        return fail(Error::Eexist);
    }
    if (request.has(flag::kDirectory) && inode.kind != FileKind::Directory) {
        return fail(Error::Enotdir);
    }
    if (inode.kind == FileKind::SymbolicLink && !request.has(flag::kPath)) {
        return fail(Error::Eloop);
    }
    if (inode.kind == FileKind::Directory && (request.writes() || request.has(flag::kCreate | flag::kTruncate))) {
        return fail(Error::Eisdir);
    }
    if (inode.runs != 0 && (request.writes() || request.has(flag::kTruncate))) {
        return fail(Error::Etxtbsy); // before anything is cut off
    }
    return {};
}

Result<InodeRef> find_to_open(std::uint64_t directory, VirtAddr path, const OpenRequest& request)
{
    const bool creates = request.has(flag::kCreate);
    const bool exclusive = creates && request.has(flag::kExclusive);
    Place place = TRY(
        find_place(directory, path,
                   {.follow = !exclusive && !request.has(flag::kNoFollow), .may_miss = creates, .for_file = creates}));
    if (!place.inode) {
        const std::uint32_t mode = request.mode & uapi::file_mode::kPermissions & ~caller().umask;
        InodeRef made = TRY(tmpfs::make_file(mode));
        TRY(names::add(place, *made));
        return made;
    }
    TRY(check_found(*place.inode, request));
    if (request.has(flag::kTruncate) && place.inode->kind == FileKind::Regular) {
        TRY(place.inode->truncate(0));
    }
    return std::move(place.inode);
}

} // namespace

Result<std::uint64_t> openat(std::uint64_t directory, VirtAddr path, std::uint64_t flags, std::uint64_t mode)
{
    const OpenRequest request = request_of(flags, mode);
    TRY(check(request));
    const InodeRef inode = TRY(find_to_open(directory, path, request));
    OpenFile& file = *TRY(open_files.open(*inode, request.flags));
    return caller().files.add(file, 0, request.has(flag::kCloseOnExec));
}

Result<std::uint64_t> open(VirtAddr path, std::uint64_t flags, std::uint64_t mode)
{
    return openat(kHere, path, flags, mode);
}

Result<std::uint64_t> creat(VirtAddr path, std::uint64_t mode)
{
    return openat(kHere, path, flag::kCreate | flag::kWriteOnly | flag::kTruncate, mode);
}

} // namespace kernel
