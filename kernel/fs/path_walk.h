// SPDX-License-Identifier: MIT
// From a path to where it leads.  Loops, not recursion: a symbolic link's target is put before what is left of the
// path. [POSIX.1-2017 XBD 4.13 "Pathname Resolution"; path_resolution(7)]
#pragma once

#include "base/string_view.h"
#include "fs/directory.h"

namespace kernel {

/// The longest path, its NUL included.  [<limits.h> "PATH_MAX"]
inline constexpr std::size_t kPathMax = 4096;
/// The longest component.  [<limits.h> "NAME_MAX"]
inline constexpr std::size_t kNameMax = 255;
/// Symbolic links that one path goes through.
inline constexpr unsigned kMaximumLinks = 40;

/// Where paths are put together; two for calls that have two paths.  No call waits while it has one, so they are the
/// machine's.
struct PathBuffers {
    char text[kPathMax] = {};         ///< the path, as the program has it
    char target[kPathMax] = {};       ///< of a symbolic link that makes it up
    char expanded[2 * kPathMax] = {}; ///< what is left of the path behind the target of a symbolic link
};
extern PathBuffers path_buffers[2];

/// Where a path leads.
struct Place {
    InodeRef inode;               ///< none: there is nothing of that name in the directory
    InodeRef directory;           ///< in which its last component is; none when that is "/", "." or ".."
    base::StringView name;        ///< the last component, as long as the buffers are not used again; "" of the root
    bool wants_directory = false; ///< a '/' stands behind it

    Directory& parent() const { return static_cast<Directory&>(*directory); }
};

struct Walk {
    bool follow = true;    ///< a symbolic link at the end, too
    bool may_miss = false; ///< the last component need not exist
    bool as_it_is = false; ///< it is not followed, and may be no directory, even with a '/' behind it
    bool for_file = false; ///< a file is to be made: with a '/' behind it, EISDIR
};

/// @param root, start  where a path begins that does, or does not, begin with '/'
/// @param path         shorter than kPathMax
/// @return ENOENT        it leads to nothing, or is empty
///         ENOTDIR       `start`, or something before its end, or before a '/' at its end, is no directory
///         ELOOP         more than kMaximumLinks symbolic links
///         EISDIR        a '/' stands behind the last component, and a file is to be made
///         ENAMETOOLONG  a component, or the path with the links' targets in it
///         ENOMEM
base::Result<Place> walk(Directory& root, Inode& start, base::StringView path, Walk how, PathBuffers& buffers);

} // namespace kernel
