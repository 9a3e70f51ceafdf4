// SPDX-License-Identifier: MIT
// What a path leads to.
#pragma once

#include "base/span.h"
#include "base/string_view.h"

#include <cstdint>

namespace kernel {

enum class FileKind : std::uint8_t { Console, Regular, Directory };

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

} // namespace kernel
