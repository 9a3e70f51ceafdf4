// SPDX-License-Identifier: MIT
// What changes the tree of names: each call checks everything, then takes what memory it needs, then changes, so that
// what fails has changed nothing.  Places were found `as_it_is`.
#pragma once

#include "fs/path_walk.h"

namespace kernel::names {

/// Gives `inode` the name at `place`, where nothing is.
/// @return ENOENT  the directory has been removed
///         EPERM   nothing can be made in it
///         ENOSPC, ENOMEM
base::Result<void> add(const Place& place, Inode& inode);
/// As `add`, for what mkdir, mknod and symlink make.  EEXIST: something is there.  ENOENT: the name ends with a '/',
/// and that is for directories alone.
base::Result<void> can_make(const Place& place, bool directory);

/// link(2).  EEXIST.  EPERM: a directory.  EXDEV.  EMLINK.  ENOENT: `inode` has no name any more.
base::Result<void> link(Inode& inode, const Place& place);
/// unlink(2).  ENOENT.  EISDIR: a directory.  ENOTDIR: a '/' behind a file's name.  EPERM.
base::Result<void> unlink(const Place& place);
/// rmdir(2).  ENOENT.  ENOTDIR.  ENOTEMPTY.  EINVAL: ".".  EBUSY: the root, or where a file system is.  EPERM.
base::Result<void> remove_directory(const Place& place);
/// rename(2).  The above, and EINVAL: into itself.  EEXIST: something is there, and it is not to be replaced.
base::Result<void> rename(const Place& from, const Place& to, bool replace);

} // namespace kernel::names
