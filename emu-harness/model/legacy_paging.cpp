// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/legacy_paging.h"

#include "arch/control_registers.h"
#include "arch/paging.h"
#include "model/page_walk.h"

namespace ringcheck::model {

using arch::PageEntry;

arch::PhysAddr pdpte_address(const CpuState& state, unsigned index)
{
    constexpr arch::Bits kTable = arch::bits<31, 5>;
    return arch::PhysAddr{(state.cr3 & kTable.mask()) + sizeof(PageEntry) * index};
}

std::uint64_t reserved_pdpte_bits()
{
    return arch::bits<2, 1>.mask() | arch::bits<8, 5>.mask() | arch::bits<63, kPhysicalAddressBits>.mask();
}

std::expected<void, Fault> check_legacy_paging(const CpuState& after, const PhysicalMemory& memory)
{
    const bool paging = (after.cr0 & arch::cr0::kPaging) != 0;
    if (!paging || (after.efer & arch::efer::kLongModeActive) != 0) {
        return {};
    }
    const bool pae = (after.cr4 & arch::cr4::kPhysicalAddressExtension) != 0;
    for (unsigned index = 0; pae && index != kPdptes; ++index) {
        const auto word = memory.read_u64(pdpte_address(after, index));
        if (!word) {
            return std::unexpected(no_answer(Reason::PageTableOutsideRam));
        }
        const PageEntry entry{*word};
        if (entry.has(PageEntry::kPresent) && entry.has(reserved_pdpte_bits())) {
            return std::unexpected(raise(arch::Vector::GeneralProtection, Reason::PdpteReservedBits, 0));
        }
    }
    return std::unexpected(no_answer(Reason::PagingModeUnmodelled));
}

} // namespace ringcheck::model
