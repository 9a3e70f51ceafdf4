// SPDX-License-Identifier: MIT
// How the log of the page permissions counts its cases and writes an outcome, for the kernel and for who reads it.
#pragma once

#include "arch/paging.h"

#include <cstdint>

namespace conformance::permissions {

/// An outcome, two hexadecimal digits: a page fault with its error code, or an access and the A and D flags after it.
inline constexpr unsigned kFault = 0x80;
inline constexpr unsigned kDirectoryAccessed = 1, kTableAccessed = 2, kTableDirty = 4;
inline constexpr unsigned kUnexpected = 0x7f; ///< some other event

/// Combinations of P, W, U and NX in one entry.
inline constexpr unsigned kFlagCombinations = 16;
constexpr std::uint64_t flags_of(unsigned combination)
{
    using arch::PageEntry;
    return ((combination & 1) != 0 ? PageEntry::kPresent : 0) | ((combination & 2) != 0 ? PageEntry::kWritable : 0) |
           ((combination & 4) != 0 ? PageEntry::kUser : 0) | ((combination & 8) != 0 ? PageEntry::kNoExecute : 0);
}

struct Controls {
    bool write_protect, no_execute, smep, smap, ac;
};
inline constexpr unsigned kControlCombinations = 32;
constexpr Controls controls_of(unsigned combination)
{
    return {(combination & 1) != 0, (combination & 2) != 0, (combination & 4) != 0, (combination & 8) != 0,
            (combination & 16) != 0};
}

} // namespace conformance::permissions
