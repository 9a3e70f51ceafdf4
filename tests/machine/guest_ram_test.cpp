// SPDX-License-Identifier: MIT
// RAM is what its image says after each revert, whatever the guest has written to and however often.
#include "arch/address.h"
#include "machine/guest_ram.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <random>

namespace {

using namespace ringcheck;
using arch::kPageSize;

constexpr std::size_t kRam = 8u << 20, kPages = kRam / kPageSize;

class RevertedRam : public testing::Test {
protected:
    RevertedRam()
    {
        for (std::size_t page = 0; page < kPages; page += 3) {
            word(page) = static_cast<std::byte>(page / 3 + 1);
        }
        image = *ram.image();
    }

    std::byte& word(std::size_t page) const { return ram.bytes()[page * kPageSize + page % kPageSize]; }
    bool equals_image() const { return std::ranges::equal(ram.bytes(), image->bytes()); }
    void write(std::size_t first, std::size_t count)
    {
        for (std::size_t page = first; page < first + count; ++page) {
            word(page) ^= std::byte{0xff};
        }
    }
    std::size_t own_pages() const
    {
        std::size_t bytes = 0;
        const auto runs = private_pages(ram.bytes(), kRam);
        EXPECT_TRUE(runs) << "the host does not tell";
        for (const PageRun& run : runs.value_or(std::vector<PageRun>())) {
            bytes += run.size;
        }
        return bytes / kPageSize;
    }

    GuestRam ram = *GuestRam::map(kRam);
    std::shared_ptr<const RamImage> image;
};

TEST_F(RevertedRam, IsTheImageEachTime)
{
    std::mt19937 random(1);
    for (unsigned round = 0; round < 70; ++round) {
        write(100, 40);                   // each time
        write(random() % kPages, 1);      // never again
        write(1000 + round / 16 * 20, 5); // for some rounds
        ASSERT_FALSE(equals_image());
        ASSERT_TRUE(ram.revert_to(image));
        ASSERT_TRUE(equals_image()) << "round " << round;
    }
}

TEST_F(RevertedRam, KeepsThePagesThatAreWrittenToAgainAndAgain)
{
    EXPECT_EQ(own_pages(), 0u);
    for (unsigned round = 0; round < 3; ++round) {
        write(100, 40);
        ASSERT_TRUE(ram.revert_to(image));
        EXPECT_EQ(own_pages(), 40u);
    }
    write(300, 5);
    ASSERT_TRUE(ram.revert_to(image)); // the fourth time it looks again
    EXPECT_EQ(own_pages(), 45u);
}

TEST_F(RevertedRam, KeepsNoneWhenTheyAreMany)
{
    write(0, 257);
    ASSERT_TRUE(ram.revert_to(image));
    EXPECT_EQ(own_pages(), 0u);
    EXPECT_TRUE(equals_image());
}

TEST_F(RevertedRam, KeepsNoPageOfAnotherImage)
{
    write(100, 40);
    ASSERT_TRUE(ram.revert_to(image));
    write(200, 1);
    const auto first = std::exchange(image, *ram.image());
    EXPECT_EQ(own_pages(), 0u);
    write(50, 100);
    ASSERT_TRUE(ram.revert_to(image));
    EXPECT_TRUE(equals_image());
    write(50, 100);
    ASSERT_TRUE(ram.revert_to(first));
    EXPECT_TRUE(std::ranges::equal(ram.bytes(), first->bytes()));
}

} // namespace
