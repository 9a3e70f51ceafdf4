// SPDX-License-Identifier: GPL-2.0-or-later
// Paging entries bit by bit.  [SDM 3A "4-Level Paging and 5-Level Paging", the tables of entry formats]
#include "arch/control_registers.h"
#include "explain/exhibit.h"

#include <fmt/format.h>

namespace ringcheck {
namespace {

using arch::PageEntry;

/// Bits of a present entry that must be 0 and are not.
std::uint64_t reserved_bits_set(const model::WalkStep& step, const model::CpuState& state)
{
    std::uint64_t reserved = arch::bits<51, model::kPhysicalAddressBits>.mask();
    reserved |= (state.efer & arch::efer::kNoExecuteEnable) == 0 ? PageEntry::kNoExecute : 0;
    if (step.level == arch::kTopLevel) {
        reserved |= PageEntry::kPageSize;
    } else if (step.level > 1 && step.entry.has(PageEntry::kPageSize)) {
        reserved |= (arch::leaf_size(step.level) - 1) & ~arch::bits<12, 0>.mask();
    }
    return step.entry.raw() & reserved;
}

} // namespace

Exhibit paging_entry(const model::WalkStep& step, std::uint64_t address, const model::CpuState& state)
{
    constexpr const char* kTables[] = {"", "PT", "PD", "PDPT", "PML4"};
    const std::uint64_t word = step.entry.raw();
    const Place place = step.entry_address;
    Exhibit entry{fmt::format("{}[{}]", kTables[step.level], arch::table_index(address, step.level)),
                  fmt::format("{:#x}", step.entry_address.value),
                  fmt::format("{:#018x}", word),
                  {}};
    const auto add = [&](const char* name, std::uint64_t mask) {
        entry.fields.push_back(flag(name, mask, word, place));
    };
    add("P", PageEntry::kPresent);
    if (!step.entry.has(PageEntry::kPresent)) {
        if (step.entry.frame().value == 0) {
            entry.fields.back().variation = Variation::None; // nothing was ever mapped: P alone would map frame 0
        }
        return entry; // the CPU looks at nothing else
    }
    add("W", PageEntry::kWritable);
    add("U", PageEntry::kUser);
    add("NX", PageEntry::kNoExecute);
    if (step.level == 2 || step.level == 3) {
        add("PS", PageEntry::kPageSize);
        entry.fields.back().variation = Variation::None; // the frame would not fit the other size
    }
    for (std::uint64_t left = reserved_bits_set(step, state); left != 0; left &= left - 1) {
        if (left == PageEntry::kNoExecute) {
            break; // shown already
        }
        const auto position = static_cast<unsigned>(__builtin_ctzll(left));
        Field bit = field("", {position, position}, word, place);
        bit.name = fmt::format("bit{}", position);
        entry.fields.push_back(bit);
    }
    const bool leaf = step.level == 1 || step.entry.has(PageEntry::kPageSize);
    entry.fields.push_back({leaf ? "frame" : "table", fmt::format("{:#x}", step.entry.frame().value)});
    return entry;
}

} // namespace ringcheck
