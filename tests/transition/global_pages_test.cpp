// SPDX-License-Identifier: MIT
// Property: the kernel's pages are global and nobody else's are, so that a change of address space keeps the kernel's
// translations and never a program's.  That the kernel drops them itself where it changes them is what rule
// no-stale-translation checks at each access.
// Source: SDM 3A "Global Pages".
#include "arch/control_registers.h"
#include "arch/paging.h"
#include "support/booted_kernel.h"

#include <gtest/gtest.h>

namespace support {
namespace {

using arch::PageEntry;

struct Leaves {
    unsigned of_ring3 = 0, of_ring0 = 0;
    unsigned global_of_ring3 = 0, not_global_of_ring0 = 0;
};

/// Counts the leaves below the table at `table`.
void count(const model::PhysicalMemory& memory, std::uint64_t table, unsigned level, Leaves& leaves)
{
    for (unsigned i = 0; i < arch::kTableEntries; ++i) {
        const PageEntry entry{memory.read_u64(arch::PhysAddr{table + i * sizeof(std::uint64_t)}).value_or(0)};
        if (!entry.has(PageEntry::kPresent)) {
            continue;
        }
        if (level > 1 && !entry.has(PageEntry::kPageSize)) {
            count(memory, entry.frame().value, level - 1, leaves);
            continue;
        }
        const bool user = entry.has(PageEntry::kUser), global = entry.has(PageEntry::kGlobal);
        leaves.of_ring3 += user;
        leaves.of_ring0 += !user;
        leaves.global_of_ring3 += user && global;
        leaves.not_global_of_ring0 += !user && !global;
    }
}

TEST(GlobalPages, AreTheKernelsAndNobodyElses)
{
    BootedKernel kernel{{"run hello", "poweroff"}};
    kernel.run_to_ring3();
    const model::CpuState state = kernel.machine->state();
    EXPECT_NE(state.cr4 & arch::cr4::kPageGlobalEnable, 0u);
    Leaves leaves;
    count(kernel.machine->memory(), state.cr3 & arch::cr3::kTable.mask(), arch::kTopLevel, leaves);
    EXPECT_GE(leaves.of_ring3, 2u) << "text and stack";
    EXPECT_GT(leaves.of_ring0, 512u) << "the image and the physical map";
    EXPECT_EQ(leaves.global_of_ring3, 0u);
    EXPECT_EQ(leaves.not_global_of_ring0, 0u);
}

} // namespace
} // namespace support
