// SPDX-License-Identifier: GPL-2.0-or-later
#include "watch/address_lookup.h"

#include "arch/control_registers.h"
#include "arch/paging.h"

namespace ringcheck {

using arch::PageEntry;

std::optional<Lookup> lookup(const model::PhysicalMemory& memory, const model::CpuState& state, arch::VirtAddr address)
{
    Lookup found{.address = arch::PhysAddr{address.value}, .writable = true, .user = true, .executable = true};
    if ((state.cr0 & arch::cr0::kPaging) == 0) {
        return found;
    }
    if (!arch::is_canonical(address.value)) {
        return std::nullopt;
    }
    std::uint64_t table = arch::cr3::kTable.get(state.cr3) << arch::cr3::kTable.low;
    for (unsigned level = arch::kTopLevel;; --level) {
        const auto raw =
            memory.read_u64(arch::PhysAddr{table + sizeof(PageEntry) * arch::table_index(address.value, level)});
        const PageEntry entry{raw.value_or(0)};
        if (!entry.has(PageEntry::kPresent)) {
            return std::nullopt;
        }
        found.writable &= entry.has(PageEntry::kWritable);
        found.user &= entry.has(PageEntry::kUser);
        found.executable &= !entry.has(PageEntry::kNoExecute);
        if (level == 1 || (level < arch::kTopLevel && entry.has(PageEntry::kPageSize))) {
            const std::uint64_t offset = arch::leaf_size(level) - 1;
            found.global = entry.has(PageEntry::kGlobal);
            found.page_bytes = arch::leaf_size(level);
            found.address = arch::PhysAddr{(entry.frame().value & ~offset) | (address.value & offset)};
            return found;
        }
        table = entry.frame().value;
    }
}

} // namespace ringcheck
