// SPDX-License-Identifier: GPL-2.0-or-later
// Depth first, one call a table, with a budget.
#include "watch/table_walk.h"

#include "arch/control_registers.h"

#include <cstring>

namespace ringcheck {
namespace {

using arch::PageEntry;

class Walk {
public:
    Walk(const model::PhysicalMemory& memory, const std::function<void(const Mapping&)>& visit)
        : memory_(memory), visit_(visit)
    {
    }

    bool table(arch::PhysAddr address, Mapping above)
    {
        const std::byte* const entries = memory_.at(address, arch::kPageSize);
        if (entries == nullptr) {
            return true;
        }
        if (budget_ < arch::kTableEntries) {
            return false;
        }
        budget_ -= arch::kTableEntries;
        for (unsigned i = 0; i < arch::kTableEntries; ++i) {
            std::uint64_t raw = 0;
            std::memcpy(&raw, entries + i * sizeof raw, sizeof raw);
            if (PageEntry{raw}.has(PageEntry::kPresent) && !entry(PageEntry{raw}, i, above)) {
                return false;
            }
        }
        return true;
    }

private:
    bool entry(PageEntry raw, unsigned index, Mapping mapping)
    {
        mapping.address += index * arch::leaf_size(mapping.level);
        if (mapping.level == arch::kTopLevel && index >= arch::kTableEntries / 2) {
            mapping.address += 0xffff'0000'0000'0000; // canonical: bits 63:48 repeat bit 47
        }
        mapping.writable &= raw.has(PageEntry::kWritable);
        mapping.user &= raw.has(PageEntry::kUser);
        mapping.executable &= !raw.has(PageEntry::kNoExecute);
        const bool large = (mapping.level == 2 || mapping.level == 3) && raw.has(PageEntry::kPageSize);
        if (mapping.level == 1 || large) {
            mapping.leaf = raw;
            visit_(mapping);
            return true;
        }
        --mapping.level;
        return table(raw.frame(), mapping);
    }

    const model::PhysicalMemory& memory_;
    const std::function<void(const Mapping&)>& visit_;
    std::uint64_t budget_ = std::uint64_t{4} << 20; ///< entries
};

} // namespace

bool for_each_mapping(const model::PhysicalMemory& memory, std::uint64_t cr3,
                      const std::function<void(const Mapping&)>& visit)
{
    const Mapping everything{
        .address = {}, .level = arch::kTopLevel, .leaf = {}, .writable = true, .user = true, .executable = true};
    return Walk(memory, visit).table(arch::PhysAddr{arch::cr3::kTable.get(cr3) << arch::cr3::kTable.low}, everything);
}

} // namespace ringcheck
