// SPDX-License-Identifier: MIT
// Entries of the 4-level page tables and the #PF error code.
// [SDM 3A "4-Level Paging and 5-Level Paging", "Page-Fault Exceptions"]
#pragma once

#include "arch/address.h"
#include "arch/bits.h"

namespace arch {

inline constexpr unsigned kTableEntries = 512;
/// Levels are numbered as the manual draws them: 4 PML4, 3 page-directory-pointer table, 2 page directory, 1 page
/// table.
inline constexpr unsigned kTopLevel = 4;

/// The index of `address` in a table of `level` (1..4), 0..511.
constexpr unsigned table_index(std::uint64_t address, unsigned level)
{
    return static_cast<unsigned>(address >> (12 + 9 * (level - 1))) & (kTableEntries - 1);
}

/// Bytes that one leaf entry of `level` maps: 4 KiB, 2 MiB or 1 GiB.
constexpr std::uint64_t leaf_size(unsigned level)
{
    return kPageSize << (9 * (level - 1));
}

/// One page-table entry of any level.
class PageEntry {
public:
    static constexpr std::uint64_t kPresent = bit<0>;
    static constexpr std::uint64_t kWritable = bit<1>;
    static constexpr std::uint64_t kUser = bit<2>;
    static constexpr std::uint64_t kWriteThrough = bit<3>;
    static constexpr std::uint64_t kCacheDisable = bit<4>;
    static constexpr std::uint64_t kAccessed = bit<5>;
    static constexpr std::uint64_t kDirty = bit<6>;
    static constexpr std::uint64_t kPageSize = bit<7>; ///< in levels 3 and 2: this entry is a leaf
    static constexpr std::uint64_t kGlobal = bit<8>;
    static constexpr Bits kFrame = bits<51, 12>;
    static constexpr Bits kProtectionKey = bits<62, 59>;
    static constexpr std::uint64_t kNoExecute = bit<63>;

    constexpr PageEntry() = default;
    constexpr explicit PageEntry(std::uint64_t raw) : word_(raw) {}
    constexpr PageEntry(PhysAddr frame, std::uint64_t flags) : word_((frame.value & kFrame.mask()) | flags) {}

    constexpr std::uint64_t raw() const { return word_; }
    constexpr bool has(std::uint64_t flag) const { return (word_ & flag) != 0; }
    constexpr PhysAddr frame() const { return PhysAddr{word_ & kFrame.mask()}; }
    constexpr bool operator==(const PageEntry&) const = default;

private:
    std::uint64_t word_ = 0;
};

static_assert(sizeof(PageEntry) == 8);
static_assert(PageEntry(PhysAddr{0x1234'5000}, PageEntry::kPresent | PageEntry::kNoExecute).raw() ==
              0x8000'0000'1234'5001);
static_assert(table_index(0xffff'ffff'8010'0000, 4) == 511 && table_index(0xffff'ffff'8010'0000, 3) == 510);

/// The error code that #PF pushes.  [SDM 3A "Page-Fault Exceptions"]
namespace page_fault {
inline constexpr std::uint32_t kProtection = 1u << 0; ///< 0: a level was not present
inline constexpr std::uint32_t kWrite = 1u << 1;
inline constexpr std::uint32_t kUser = 1u << 2;
inline constexpr std::uint32_t kReserved = 1u << 3;
inline constexpr std::uint32_t kFetch = 1u << 4;
inline constexpr std::uint32_t kProtectionKey = 1u << 5;
} // namespace page_fault

} // namespace arch
