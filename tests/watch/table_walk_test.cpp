// SPDX-License-Identifier: MIT
// Property: every present leaf is visited once, with the AND of the rights on its path.
// [SDM 3A "Determination of Access Rights"]
#include "support/fake_guest_memory.h"
#include "watch/table_walk.h"

#include <gtest/gtest.h>

namespace {

using namespace ringcheck;
using arch::PageEntry;

constexpr std::uint64_t kP = PageEntry::kPresent, kW = PageEntry::kWritable, kU = PageEntry::kUser,
                        kX = PageEntry::kNoExecute, kLarge = PageEntry::kPageSize;

class TableWalk : public testing::Test {
protected:
    std::vector<Mapping> mappings()
    {
        std::vector<Mapping> result;
        complete = for_each_mapping(memory.physical(), 0x1000 | 0x18,
                                    [&](const Mapping& mapping) { result.push_back(mapping); });
        return result;
    }
    support::FakeGuestMemory memory;
    bool complete = false;
};

TEST_F(TableWalk, FindsPagesOfEachSize)
{
    memory.put_physical_u64(0x1000 + 8 * 256, 0x2000 | kP | kW | kU);
    memory.put_physical_u64(0x2000 + 8 * 1, 0x4000'0000 | kP | kLarge); // 1 GiB
    memory.put_physical_u64(0x2000 + 8 * 2, 0x3000 | kP | kW | kU);
    memory.put_physical_u64(0x3000 + 8 * 3, 0x20'0000 | kP | kW | kX | kLarge); // 2 MiB
    memory.put_physical_u64(0x3000 + 8 * 4, 0x4000 | kP | kU | kW);
    memory.put_physical_u64(0x4000 + 8 * 5, 0x9000 | kP | kU); // 4 KiB
    const auto found = mappings();
    ASSERT_EQ(found.size(), 3u);
    EXPECT_EQ(found[0].address.value, 0xffff'8000'4000'0000u);
    EXPECT_EQ(found[0].level, 3u);
    EXPECT_EQ(found[1].address.value, 0xffff'8000'8060'0000u);
    EXPECT_EQ(found[1].level, 2u);
    EXPECT_TRUE(found[1].writable && !found[1].executable && !found[1].user);
    EXPECT_EQ(found[2].address.value, 0xffff'8000'8080'5000u);
    EXPECT_TRUE(found[2].user && found[2].executable && !found[2].writable);
    EXPECT_EQ(found[2].leaf.frame().value, 0x9000u);
    EXPECT_TRUE(complete);
}

TEST_F(TableWalk, CombinesTheRightsOfAllLevels)
{
    for (unsigned weak = 1; weak <= 4; ++weak) {
        const auto put = [&](unsigned level, std::uint64_t table, std::uint64_t next) {
            memory.put_physical_u64(table, next | kP | (level == weak ? kX : kW | kU));
        };
        put(4, 0x1000, 0x2000);
        put(3, 0x2000, 0x3000);
        put(2, 0x3000, 0x4000);
        put(1, 0x4000, 0x5000);
        const auto found = mappings();
        ASSERT_EQ(found.size(), 1u);
        EXPECT_FALSE(found[0].writable || found[0].user || found[0].executable) << weak;
    }
}

TEST_F(TableWalk, PassesOverTablesOutsideRam)
{
    memory.put_physical_u64(0x1000, 0x7fff'f000 | kP | kW | kU);
    EXPECT_TRUE(mappings().empty());
    EXPECT_TRUE(complete);
}

TEST_F(TableWalk, EndsOnTablesThatContainThemselves)
{
    for (unsigned i = 0; i < 512; ++i) {
        memory.put_physical_u64(0x1000 + 8 * i, 0x1000 | kP | kW | kU);
    }
    std::uint64_t visited = 0;
    EXPECT_FALSE(for_each_mapping(memory.physical(), 0x1000, [&](const Mapping&) { ++visited; }));
    EXPECT_LE(visited, std::uint64_t{4} << 20);
}

} // namespace
