// SPDX-License-Identifier: MIT
// How the log of the page permissions counts its cases and writes an outcome, for the kernel and for who reads it.
#pragma once

#include "arch/paging.h"

#include <cstdint>

namespace conformance::permissions {

/// An outcome, two hexadecimal digits: a page fault with its error code, or an access and the A and D flags after it.
inline constexpr unsigned kFault = 0x80;
inline constexpr unsigned kUpperAccessed = 1, kLowerAccessed = 2, kLowerDirty = 4;
inline constexpr unsigned kUnexpected = 0x7f; ///< some other event

/// Combinations of P, W, U and NX in one entry.
inline constexpr unsigned kFlagCombinations = 16;
constexpr std::uint64_t flags_of(unsigned combination)
{
    using arch::PageEntry;
    return ((combination & 1) != 0 ? PageEntry::kPresent : 0) | ((combination & 2) != 0 ? PageEntry::kWritable : 0) |
           ((combination & 4) != 0 ? PageEntry::kUser : 0) | ((combination & 8) != 0 ? PageEntry::kNoExecute : 0);
}

/// Two levels under test, the lower of which holds the page, and bits that their entries have besides the four.
struct Shape {
    const char* name;
    unsigned lower_level; ///< 1: a 4 KiB page, 2: 2 MiB, 3: 1 GiB
    std::uint64_t upper_bits, lower_bits;
    /// The kernel's own walk does not look at reserved bits.
    bool reserved_bits;
};

namespace detail {
inline constexpr std::uint64_t kLarge = arch::PageEntry::kPageSize;
inline constexpr std::uint64_t kUsed = arch::PageEntry::kAccessed | arch::PageEntry::kDirty;
inline constexpr std::uint64_t kBeyondPhysicalAddresses = arch::bit<51>;
inline constexpr std::uint64_t kBelowLargeFrame = arch::bit<13>;
} // namespace detail

/// The first is tried under every combination of controls, the others under a few.
inline constexpr Shape kShapes[] = {
    {"4k", 1, 0, 0, false},
    {"4k-used", 1, arch::PageEntry::kAccessed, detail::kUsed, false},
    {"4k-clean", 1, arch::PageEntry::kAccessed, arch::PageEntry::kAccessed, false},
    {"4k-reserved", 1, 0, detail::kBeyondPhysicalAddresses, true},
    {"4k-reserved-above", 1, detail::kBeyondPhysicalAddresses, 0, true},
    {"2m", 2, 0, detail::kLarge, false},
    {"2m-reserved", 2, 0, detail::kLarge | detail::kBelowLargeFrame, true},
    {"1g", 3, 0, detail::kLarge, false},
    {"1g-reserved", 3, 0, detail::kLarge | detail::kBelowLargeFrame, true},
    {"1g-large-above", 3, detail::kLarge, detail::kLarge, true},
};

struct Controls {
    bool write_protect, no_execute, smep, smap, ac;
};
inline constexpr unsigned kControlCombinations = 32;
constexpr Controls controls_of(unsigned combination)
{
    return {(combination & 1) != 0, (combination & 2) != 0, (combination & 4) != 0, (combination & 8) != 0,
            (combination & 16) != 0};
}
/// Whether `shape` is tried under `controls`: WP with and without SMEP and SMAP, and no WP.
constexpr bool is_tried(const Shape& shape, const Controls& controls)
{
    return &shape == kShapes || (controls.no_execute && !controls.ac && controls.smep == controls.smap &&
                                 (controls.write_protect || !controls.smep));
}

} // namespace conformance::permissions
