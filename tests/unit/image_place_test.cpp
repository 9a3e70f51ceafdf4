// SPDX-License-Identifier: MIT
// Property: every place that the image can have is one of its own page directory's, overlaps the one that it was linked
// for nowhere, and comes up; so does every one of them.
#include "mm/image_place.h"

#include <gtest/gtest.h>

#include <set>

namespace {

using kernel::ImagePlaces;

TEST(ImagePlaces, AreAllInTheImagesGibAndNoneAtItsFirstPlace)
{
    base::Random random;
    const std::uint32_t key[base::Random::kKeyWords] = {1};
    random.seed(key);
    std::set<std::uint64_t> seen;
    for (unsigned i = 0; i < 20 * ImagePlaces::kCount; ++i) {
        const std::uint64_t distance = ImagePlaces::choose(random);
        EXPECT_EQ(distance % (2 * 1024 * 1024), 0u);
        EXPECT_GE(distance, layout::kImageSize);
        EXPECT_LE(distance + layout::kImageSize, std::uint64_t{1} << 30);
        seen.insert(distance);
    }
    EXPECT_EQ(seen.size(), ImagePlaces::kCount);
    EXPECT_EQ(*seen.begin(), layout::kImageSize);
    EXPECT_EQ(*seen.rbegin(), (std::uint64_t{1} << 30) - layout::kImageSize);
}

TEST(ImagePlaces, AreTheSameForTheSameNumbers)
{
    base::Random one, other;
    EXPECT_EQ(ImagePlaces::choose(one), ImagePlaces::choose(other));
}

/// Nine bits, as Linux has.
static_assert(ImagePlaces::kCount == 505);

} // namespace
