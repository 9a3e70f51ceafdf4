// SPDX-License-Identifier: MIT
// The kernel's own walk through 4-level page tables.
#pragma once

#include "arch/paging.h"

#include <concepts>
#include <cstdint>
#include <expected>

namespace kernel {

/// Something that gives the 8-byte word at a physical address.
template <typename Memory>
concept PageTableMemory = requires(const Memory& memory, arch::PhysAddr address) {
    { memory.read_u64(address) } -> std::same_as<std::uint64_t>;
};

/// What is about to be done; none of the three is a read by ring 0.
struct Access {
    bool write = false;
    bool user = false;
    bool fetch = false;
};

enum class WalkError : std::uint8_t { NotPresent, Protection };

struct Translation {
    arch::PhysAddr address;
    arch::PageEntry leaf;
    unsigned level = 1; ///< of the leaf: 1 for a 4 KiB page, 2 for 2 MiB, 3 for 1 GiB
};

/// Translates one address as the CPU would.
/// @param root     physical byte address of the PML4 (CR3[51:12], low 12 bits zero)
/// @param address  canonical virtual byte address
/// @return         physical byte address and leaf entry, or
///                 NotPresent   some level has P = 0          (the CPU: #PF, error bit 0 clear)
///                 Protection   all P = 1, access not allowed (the CPU: #PF, error bit 0 set)
/// Rights are the AND over the levels; CR0.WP = EFER.NXE = 1 here; SMEP, SMAP and reserved bits are not looked at.
/// [SDM 3A "Determination of Access Rights"]
template <PageTableMemory Memory>
constexpr std::expected<Translation, WalkError> walk(const Memory& memory, arch::PhysAddr root, arch::VirtAddr address,
                                                     Access access)
{
    using arch::PageEntry;
    bool writable = true;
    bool user = true;
    bool executable = true;
    arch::PhysAddr table = root;
    for (unsigned level = arch::kTopLevel;; --level) {
        const PageEntry entry{memory.read_u64(table + sizeof(PageEntry) * arch::table_index(address.value, level))};
        if (!entry.has(PageEntry::kPresent)) {
            return std::unexpected(WalkError::NotPresent);
        }
        writable &= entry.has(PageEntry::kWritable);
        user &= entry.has(PageEntry::kUser);
        executable &= !entry.has(PageEntry::kNoExecute);
        const bool large = level < arch::kTopLevel && entry.has(PageEntry::kPageSize);
        if (level == 1 || large) {
            const bool allowed = (!access.write || writable) && (!access.user || user) && (!access.fetch || executable);
            if (!allowed) {
                return std::unexpected(WalkError::Protection);
            }
            const std::uint64_t offset_mask = arch::leaf_size(level) - 1;
            return Translation{arch::PhysAddr{(entry.frame().value & ~offset_mask) | (address.value & offset_mask)},
                               entry, level};
        }
        table = entry.frame();
    }
}

} // namespace kernel
