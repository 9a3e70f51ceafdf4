// SPDX-License-Identifier: GPL-2.0-or-later
// Which pages of a private mapping of a file are copies by now, because they were written to.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace ringcheck {

/// Pages that follow each other.
struct PageRun {
    std::size_t offset = 0, size = 0; ///< bytes, from the begin of the mapping
    std::size_t end() const { return offset + size; }
};

/// @param mapping  whole pages of a private mapping of a file
/// @param limit    bytes
/// @return the copies, lowest first; nullopt when there are more than `limit`, or the host does not tell
std::optional<std::vector<PageRun>> private_pages(std::span<const std::byte> mapping, std::size_t limit);

} // namespace ringcheck
