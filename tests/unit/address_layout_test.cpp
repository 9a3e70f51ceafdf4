// SPDX-License-Identifier: MIT
// Random layouts: repeatable by the seed, spread over their whole range, and never outside it.
#include "process/address_layout.h"

#include <gtest/gtest.h>

#include <set>

namespace {

using arch::kPageSize;
using arch::VirtAddr;
using kernel::AddressLayout;

AddressLayout layout_of(std::uint32_t seed)
{
    base::Random random;
    random.seed({seed, 2, 3, 4, 5, 6, 7, 8});
    return AddressLayout::choose(random);
}

TEST(AddressLayout, IsTheSameOneForTheSameSeed)
{
    EXPECT_EQ(layout_of(1).stack_top, layout_of(1).stack_top);
    EXPECT_EQ(layout_of(1).map_top, layout_of(1).map_top);
    EXPECT_EQ(layout_of(1).heap_gap, layout_of(1).heap_gap);
    EXPECT_EQ(layout_of(1).program_base, layout_of(1).program_base);
    EXPECT_EQ(layout_of(1).vdso, layout_of(1).vdso);
}

TEST(AddressLayout, MovesEachPartOverItsWholeRangeAndNotBeyond)
{
    constexpr unsigned kSeeds = 2'000;
    std::set<VirtAddr> stacks, maps, programs;
    std::set<std::uint64_t> gaps;
    for (std::uint32_t seed = 0; seed < kSeeds; ++seed) {
        const AddressLayout layout = layout_of(seed);
        ASSERT_TRUE(layout.stack_top.page_aligned() && layout.map_top.page_aligned() &&
                    layout.program_base.page_aligned());
        ASSERT_EQ(layout.heap_gap % kPageSize, 0u);
        stacks.insert(layout.stack_top);
        maps.insert(layout.map_top);
        gaps.insert(layout.heap_gap);
        programs.insert(layout.program_base);
    }
    constexpr std::uint64_t kStackRange = AddressLayout::kStackPages * kPageSize,
                            kMapRange = AddressLayout::kMapPages * kPageSize,
                            kHeapRange = AddressLayout::kHeapPages * kPageSize,
                            kProgramRange = AddressLayout::kProgramPages * kPageSize;
    EXPECT_GT(stacks.size(), kSeeds * 99 / 100);
    EXPECT_GT(maps.size(), kSeeds * 99 / 100);
    EXPECT_GT(gaps.size(), kSeeds * 3 / 4);
    EXPECT_LE(*stacks.rbegin(), layout::kUserStackTop);
    EXPECT_GT(*stacks.begin(), layout::kUserStackTop - kStackRange);
    EXPECT_GT(*stacks.rbegin() - *stacks.begin(), kStackRange / 100 * 99);
    EXPECT_LE(*maps.rbegin(), layout::kUserMapTop);
    EXPECT_GT(*maps.begin(), layout::kUserMapTop - kMapRange);
    EXPECT_GT(*maps.rbegin() - *maps.begin(), kMapRange / 100 * 99);
    EXPECT_GT(programs.size(), kSeeds * 99 / 100);
    EXPECT_GE(*programs.begin(), layout::kUserPieBase);
    EXPECT_LT(*programs.rbegin(), layout::kUserPieBase + kProgramRange);
    EXPECT_GT(*programs.rbegin() - *programs.begin(), kProgramRange / 100 * 99);
    EXPECT_GE(*gaps.begin(), kPageSize);
    EXPECT_LE(*gaps.rbegin(), kHeapRange);
    EXPECT_GT(*gaps.rbegin() - *gaps.begin(), kHeapRange / 100 * 99);
}

TEST(AddressLayout, PutsTheVdsoAboveTheStackAndBelowTheEnd)
{
    constexpr unsigned kSeeds = 2'000;
    std::set<std::uint64_t> distances;
    for (std::uint32_t seed = 0; seed < kSeeds; ++seed) {
        const AddressLayout layout = layout_of(seed);
        ASSERT_TRUE(layout.vdso.page_aligned());
        ASSERT_GE(layout.vdso, layout.stack_top + 2 * kPageSize) << "a page of its own, and an unmapped one";
        ASSERT_LE(layout.vdso, layout::kUserEnd - kPageSize);
        ASSERT_EQ(layout.vdso.value >> 21, (layout.stack_top + 2 * kPageSize).value >> 21) << "one page table";
        distances.insert(layout.vdso - layout.stack_top);
    }
    EXPECT_GT(distances.size(), 400u) << "of 511";
}

TEST(AddressLayout, KeepsTheVdsoInUserSpaceBelowItsVeryEnd)
{
    // The highest stack that there can be: of 2^22 places the first.
    base::Random random;
    for (std::uint32_t seed = 0; seed < 100; ++seed) {
        random.seed({seed});
        const arch::VirtAddr vdso = kernel::place_vdso(layout::kUserStackTop, random);
        ASSERT_GE(vdso, layout::kUserStackTop + 2 * kPageSize);
        ASSERT_LE(vdso, layout::kUserEnd - kPageSize);
    }
}

TEST(AddressLayout, IsTheFixedOneUntilItIsAskedFor)
{
    EXPECT_EQ(kernel::next_address_layout().vdso, layout::kUserStackTop + layout::kUserVdsoDistance);
    EXPECT_EQ(kernel::next_address_layout().stack_top, layout::kUserStackTop);
    EXPECT_EQ(kernel::next_address_layout().program_base, layout::kUserPieBase);
    kernel::randomise_addresses();
    EXPECT_NE(kernel::next_address_layout().stack_top, kernel::next_address_layout().stack_top);
}

} // namespace
