// SPDX-License-Identifier: MIT
// The kernel's page walk for every combination of P, W, U and NX over four levels and of the kinds of access, against
// a predicate that counts bits instead of walking.  [SDM 3A "Determination of Access Rights"]
#include "mm/page_walk.h"

#include <gtest/gtest.h>

#include <map>

namespace {

using arch::PageEntry;
using arch::PhysAddr;
using arch::VirtAddr;
using kernel::Access;
using kernel::WalkError;

/// Four entries, one a level, at the only places that a right walk reads.
struct FourEntries {
    static constexpr PhysAddr kTables[5] = {{}, PhysAddr{0x1000}, PhysAddr{0x2000}, PhysAddr{0x3000}, PhysAddr{0x4000}};
    static constexpr PhysAddr kFrame{0xabcd'e000};
    static constexpr VirtAddr kAddress{0x0000'7123'4567'89ab};
    static constexpr unsigned kIndex[5] = {0, 0x078, 0x02b, 0x08d, 0x0e2}; // of kAddress, by hand; [level]

    std::uint64_t words[5] = {};

    std::uint64_t read_u64(PhysAddr address) const
    {
        for (unsigned level = 1; level <= 4; ++level) {
            if (address == kTables[level] + 8 * kIndex[level]) {
                return words[level];
            }
        }
        ADD_FAILURE() << "the walk reads " << std::hex << address.value;
        return 0;
    }
};

/// Bits of one level's combination: P, W, U, NX.
std::uint64_t flags_of(unsigned combination)
{
    return ((combination & 1) != 0 ? std::uint64_t{1} : 0) | ((combination & 2) != 0 ? std::uint64_t{2} : 0) |
           ((combination & 4) != 0 ? std::uint64_t{4} : 0) | ((combination & 8) != 0 ? std::uint64_t{1} << 63 : 0);
}

TEST(PageWalk, AgreesWithThePredicateForEveryCombinationOfRights)
{
    FourEntries memory;
    unsigned cases = 0;
    unsigned wrong = 0;
    for (unsigned combination = 0; combination < 0x1'0000; ++combination) {
        unsigned all = 0xf;
        unsigned any = 0;
        for (unsigned level = 1; level <= 4; ++level) {
            const unsigned of_level = combination >> (4 * (level - 1)) & 0xf;
            const PhysAddr next = level == 1 ? FourEntries::kFrame : FourEntries::kTables[level - 1];
            memory.words[level] = next.value | flags_of(of_level);
            all &= of_level;
            any |= of_level;
        }
        for (unsigned access = 0; access < 8; ++access) {
            const bool write = (access & 1) != 0;
            const bool user = (access & 2) != 0;
            const bool fetch = (access & 4) != 0;
            const bool present = (all & 1) != 0;
            const bool allowed = !(write && (all & 2) == 0) && !(user && (all & 4) == 0) && !(fetch && (any & 8) != 0);

            const auto result =
                kernel::walk(memory, FourEntries::kTables[4], FourEntries::kAddress, Access{write, user, fetch});
            const bool right = present && allowed ? result && result->address == PhysAddr{0xabcd'e9ab} &&
                                                        result->level == 1 && result->leaf.raw() == memory.words[1]
                                                  : !result && result.error() == (present ? WalkError::Protection
                                                                                          : WalkError::NotPresent);
            wrong += right ? 0 : 1;
            ++cases;
        }
    }
    EXPECT_EQ(cases, 524'288u);
    EXPECT_EQ(wrong, 0u);
}

/// Any words anywhere; what is not there reads as 0.
struct SparseMemory {
    std::map<std::uint64_t, std::uint64_t> words;
    std::uint64_t read_u64(PhysAddr address) const
    {
        const auto found = words.find(address.value);
        return found == words.end() ? 0 : found->second;
    }
};

TEST(PageWalk, EndsAtLargePages)
{
    SparseMemory memory;
    memory.words[0x1000] = 0x2003;                // PML4[0]
    memory.words[0x2000] = 0x3003;                // PDPT[0] -> page directory
    memory.words[0x2008] = 0x1'4000'0083;         // PDPT[1]: 1 GiB at 5 GiB
    memory.words[0x3008] = 0x8000'0000'0060'0083; // PD[1]: 2 MiB at 6 MiB, no execute

    const auto gib = kernel::walk(memory, PhysAddr{0x1000}, VirtAddr{0x4012'3456}, {.write = true, .fetch = true});
    ASSERT_TRUE(gib);
    EXPECT_EQ(gib->address, PhysAddr{0x1'4012'3456});
    EXPECT_EQ(gib->level, 3u);

    const auto mib = kernel::walk(memory, PhysAddr{0x1000}, VirtAddr{0x2f'edcb}, {.write = true});
    ASSERT_TRUE(mib);
    EXPECT_EQ(mib->address, PhysAddr{0x6f'edcb});
    EXPECT_EQ(mib->level, 2u);
    EXPECT_EQ(kernel::walk(memory, PhysAddr{0x1000}, VirtAddr{0x2f'edcb}, {.fetch = true}).error(),
              WalkError::Protection);
    EXPECT_EQ(kernel::walk(memory, PhysAddr{0x1000}, VirtAddr{0x40'0000}, {}).error(), WalkError::NotPresent);
}

TEST(PageWalk, TakesBit7OfALastLevelEntryForPatNotForSize)
{
    SparseMemory memory;
    memory.words[0x1000] = 0x2001;
    memory.words[0x2000] = 0x3001;
    memory.words[0x3000] = 0x4001;
    memory.words[0x4008] = 0x7081;
    const auto page = kernel::walk(memory, PhysAddr{0x1000}, VirtAddr{0x1fff}, {});
    ASSERT_TRUE(page);
    EXPECT_EQ(page->address, PhysAddr{0x7fff});
}

} // namespace
