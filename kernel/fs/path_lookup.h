// SPDX-License-Identifier: MIT
// From a path to what it leads to in an archive, which is the root of all paths and the current directory too.
// [POSIX.1-2017 XBD 4.13 "Pathname Resolution"]
#pragma once

#include "base/result.h"
#include "base/string_view.h"
#include "fs/file_index.h"

#include <cstddef>

namespace kernel {

/// The longest path, its NUL included: what POSIX asks for at least.  [<limits.h> "_POSIX_PATH_MAX"]
inline constexpr std::size_t kPathMax = 256;

/// @param directory  where a path that does not begin with '/' begins
/// @param path       shorter than kPathMax
/// @return ENOENT        it leads to nothing, or is empty
///         ENOTDIR       `directory`, or something before its end, or before a '/' at its end, is no directory
///         ENAMETOOLONG  the two together are as long as kPathMax
///         EIO           it leads to nothing that is known, and the archive is damaged
base::Result<ArchiveFile*> look_up(const FileIndex& files, ArchiveFile& directory, base::StringView path);

/// What is left of `path` without its last component; "." when that is all of it.
base::StringView parent_path(base::StringView path);

} // namespace kernel
