// SPDX-License-Identifier: MIT
// ChaCha20 against the RFC's own block, and what the generator built on it promises.  [RFC 8439 "Test Vector for the
// ChaCha20 Block Function"]
#include "base/chacha20.h"
#include "base/random.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <set>
#include <vector>

namespace {

constexpr std::uint32_t kKey[8] = {0x0302'0100, 0x0706'0504, 0x0b0a'0908, 0x0f0e'0d0c,
                                   0x1312'1110, 0x1716'1514, 0x1b1a'1918, 0x1f1e'1d1c};

TEST(ChaCha20, GivesTheBlockOfTheRfc)
{
    const std::uint32_t nonce[3] = {0x0900'0000, 0x4a00'0000, 0};
    const base::ChaCha20Block block = base::chacha20_block(kKey, 1, nonce);
    constexpr std::array<std::uint32_t, 16> kExpected = {
        0xe4e7'f110, 0x1559'3bd1, 0x1fdd'0f50, 0xc471'20a3, 0xc7f4'd1c7, 0x0368'c033, 0x9aaa'2204, 0x4e6c'd4c3,
        0x4664'82d2, 0x09aa'9f07, 0x05d7'c214, 0xa202'8bd9, 0xd19c'12b5, 0xb94e'16de, 0xe883'd0cb, 0x4e3c'50a2};
    EXPECT_TRUE(std::ranges::equal(block.words, kExpected));
}

std::vector<std::uint8_t> bytes_of(base::Random& random, std::size_t count)
{
    std::vector<std::uint8_t> bytes(count);
    random.fill({bytes.data(), bytes.size()});
    return bytes;
}

/// The bytes behind the next key, block after block.
TEST(Random, GivesTheKeyStreamBehindTheNextKey)
{
    base::Random random;
    random.seed(kKey);
    const std::vector<std::uint8_t> bytes = bytes_of(random, 200);
    std::vector<std::uint8_t> stream(4 * sizeof(base::ChaCha20Block));
    for (std::uint32_t counter = 0; counter < 4; ++counter) {
        const base::ChaCha20Block block = base::chacha20_block(kKey, counter, {});
        std::memcpy(stream.data() + counter * sizeof block, block.words, sizeof block);
    }
    EXPECT_TRUE(std::equal(bytes.begin(), bytes.end(), stream.begin() + 32));

    std::uint32_t next_key[8];
    std::memcpy(next_key, stream.data(), sizeof next_key);
    base::Random next;
    next.seed(next_key);
    EXPECT_EQ(bytes_of(random, 64), bytes_of(next, 64));
}

TEST(Random, RepeatsItselfWithTheSameSeedOnly)
{
    base::Random one, same, other;
    one.seed(kKey);
    same.seed(kKey);
    EXPECT_EQ(one.next(), same.next());
    EXPECT_NE(one.next(), other.next());
    EXPECT_NE(one.next(), one.next());
}

TEST(Random, StaysBelowItsBoundAndGetsEverywhere)
{
    base::Random random;
    std::set<std::uint64_t> seen;
    for (unsigned i = 0; i < 500; ++i) {
        const std::uint64_t value = random.below(7);
        ASSERT_LT(value, 7u);
        seen.insert(value);
    }
    EXPECT_EQ(seen.size(), 7u);
    EXPECT_EQ(random.below(1), 0u);
}

} // namespace
