// SPDX-License-Identifier: MIT
// From a path to what it leads to in an archive, which is the root of all paths and the current directory too.
// [POSIX.1-2017 XBD 4.13 "Pathname Resolution"]
#pragma once

#include "base/result.h"
#include "base/span.h"
#include "base/string_view.h"

#include <cstddef>
#include <cstdint>

namespace kernel {

/// The longest path, its NUL included: what POSIX asks for at least.  [<limits.h> "_POSIX_PATH_MAX"]
inline constexpr std::size_t kPathMax = 256;

enum class FileKind : std::uint8_t { Console, Regular, Directory };

/// What a path leads to.
struct FileNode {
    FileKind kind = FileKind::Regular;
    std::uint32_t permissions = 0;
    std::uint64_t inode = 0; ///< 1 is the root; an archive's entries count from 2
    base::StringView name{}; // NOLINT(readability-redundant-member-init): in the archive; "" for the root
    base::Bytes contents{};  // NOLINT(readability-redundant-member-init): the compiler asks for both
};

/// The root of every archive.
constexpr FileNode root_directory()
{
    return {.kind = FileKind::Directory, .permissions = 0555, .inode = 1};
}

/// @param directory  where a path that does not begin with '/' begins
/// @param path       shorter than kPathMax
/// @return ENOENT        it leads to nothing, or is empty
///         ENOTDIR       `directory`, or something before its end, or before a '/' at its end, is no directory
///         ENAMETOOLONG  the two together are as long as kPathMax
///         EIO           the archive is damaged
base::Result<FileNode> look_up(base::Bytes archive, const FileNode& directory, base::StringView path);

/// What is left of `path` without its last component; "." when that is all of it.
base::StringView parent_path(base::StringView path);

} // namespace kernel
