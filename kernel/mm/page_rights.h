// SPDX-License-Identifier: MIT
// What a page may be used for, and the leaf entry that says so.
#pragma once

#include "arch/paging.h"

namespace kernel {

/// What a page may be used for beyond reading; both at once is refused everywhere.
struct PageRights {
    bool write = false;
    bool execute = false;

    constexpr bool operator==(const PageRights&) const = default;
};

/// A leaf with exactly these rights.
/// @param whose  PageEntry::kUser: ring 3's; PageEntry::kGlobal: ring 0's alone, and the same under every CR3
constexpr arch::PageEntry leaf_entry(arch::PhysAddr frame, PageRights rights, std::uint64_t whose)
{
    using arch::PageEntry;
    return {frame, PageEntry::kPresent | whose | (rights.write ? PageEntry::kWritable : 0) |
                       (rights.execute ? 0 : PageEntry::kNoExecute)};
}

} // namespace kernel
