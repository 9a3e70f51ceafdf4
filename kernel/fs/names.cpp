// SPDX-License-Identifier: MIT
#include "fs/names.h"

#include "base/assert.h"
#include "fs/tmp_directory.h"

namespace kernel::names {

using base::fail;
using base::Result;
using uapi::Error;

namespace {

constexpr std::uint32_t kMaximumLinks = 65'000;

bool is_directory(const InodeRef& inode)
{
    return inode->kind == FileKind::Directory;
}

/// The directory that `place` is in, when something can be made in it.
Result<TmpDirectory*> changeable(const Place& place)
{
    TmpDirectory* const directory = place.parent().changeable();
    if (directory == nullptr) {
        return fail(Error::Eperm);
    }
    return directory->removed() ? Result<TmpDirectory*>(fail(Error::Enoent)) : directory;
}

/// The entry of what is at `place`.
Result<Entry*> entry_of(const Place& place)
{
    TmpDirectory* const directory = place.parent().changeable();
    if (directory == nullptr) {
        return fail(Error::Eperm);
    }
    Entry* const entry = name_table.find(*directory, place.name);
    ASSERT(entry != nullptr); // nobody ran since the walk
    return entry;
}

/// Another file system begins there.
bool is_mount_point(const InodeRef& inode)
{
    return is_directory(inode) && static_cast<Directory&>(*inode).changeable() == nullptr;
}

Result<void> check_empty(const InodeRef& inode)
{
    const TmpDirectory* const directory = static_cast<Directory&>(*inode).changeable();
    if (directory == nullptr) {
        return fail(Error::Ebusy);
    }
    return directory->empty() ? Result<void>{} : fail(Error::Enotempty);
}

} // namespace

Result<void> add(const Place& place, Inode& inode)
{
    return (*TRY(changeable(place))).add(place.name, inode);
}

Result<void> can_make(const Place& place, bool directory)
{
    if (place.inode) {
        return fail(Error::Eexist);
    }
    if (place.wants_directory && !directory) {
        return fail(Error::Enoent);
    }
    static_cast<void>(TRY(changeable(place)));
    return {};
}

Result<void> link(Inode& inode, const Place& place)
{
    TRY(can_make(place, false));
    if (inode.device != place.directory->device) {
        return fail(Error::Exdev);
    }
    if (inode.kind == FileKind::Directory) {
        return fail(Error::Eperm);
    }
    if (inode.links == 0) {
        return fail(Error::Enoent);
    }
    return inode.links >= kMaximumLinks ? fail(Error::Emlink) : add(place, inode);
}

Result<void> unlink(const Place& place)
{
    if (!place.directory) {
        return fail(Error::Eisdir);
    }
    if (!place.inode) {
        return fail(Error::Enoent);
    }
    if (is_directory(place.inode)) {
        return fail(Error::Eisdir);
    }
    if (place.wants_directory) {
        return fail(Error::Enotdir);
    }
    Entry& entry = *TRY(entry_of(place));
    entry.directory->remove(entry);
    return {};
}

Result<void> remove_directory(const Place& place)
{
    if (!place.directory) {
        return fail(place.name == "." ? Error::Einval : place.name == ".." ? Error::Enotempty : Error::Ebusy);
    }
    if (!place.inode) {
        return fail(Error::Enoent);
    }
    if (!is_directory(place.inode)) {
        return fail(Error::Enotdir);
    }
    Entry& entry = *TRY(entry_of(place));
    TRY(check_empty(place.inode));
    entry.directory->remove(entry);
    return {};
}

namespace {

/// What does not depend on memory.
Result<void> check_rename(const Place& from, const Place& to, bool replace)
{
    if (from.directory && to.directory && from.directory->device != to.directory->device) {
        return fail(Error::Exdev);
    }
    if (!from.directory) {
        return fail(Error::Ebusy);
    }
    if (!to.directory) {
        return fail(replace ? Error::Ebusy : Error::Eexist);
    }
    if (!from.inode) {
        return fail(Error::Enoent);
    }
    if (to.inode && !replace) {
        return fail(Error::Eexist);
    }
    const bool moves_directory = is_directory(from.inode);
    if (!moves_directory && (from.wants_directory || to.wants_directory)) {
        return fail(Error::Enotdir);
    }
    TmpDirectory& source = *TRY(changeable(from));
    TmpDirectory& target = *TRY(changeable(to));
    if (is_mount_point(from.inode) || (to.inode && is_mount_point(to.inode))) {
        return fail(Error::Ebusy);
    }
    if (moves_directory && static_cast<TmpDirectory&>(*from.inode).is_above(target)) {
        return fail(Error::Einval);
    }
    if (!to.inode) {
        return {};
    }
    if (is_directory(to.inode) && static_cast<TmpDirectory&>(*to.inode).is_above(source)) {
        return fail(Error::Enotempty);
    }
    if (to.inode.get() == from.inode.get()) {
        return {};
    }
    if (moves_directory != is_directory(to.inode)) {
        return fail(moves_directory ? Error::Enotdir : Error::Eisdir);
    }
    return moves_directory ? check_empty(to.inode) : Result<void>{};
}

} // namespace

Result<void> rename(const Place& from, const Place& to, bool replace)
{
    TRY(check_rename(from, to, replace));
    if (to.inode.get() == from.inode.get()) {
        return {}; // two names of one file: nothing is done.  [rename(2)]
    }
    Entry& old = *TRY(entry_of(from));
    if (to.inode) {
        Entry& entry = *TRY(entry_of(to));
        entry.directory->replace(entry, *from.inode);
    } else {
        TRY(add(to, *from.inode));
    }
    old.directory->remove(old);
    return {};
}

} // namespace kernel::names
