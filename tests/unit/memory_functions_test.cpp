// SPDX-License-Identifier: MIT
// The kernel's memory functions against the C library's, for every small size, alignment and overlap.
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <numeric>
#include <vector>

extern "C" {
void* kernel_memset(void* destination, int byte, std::size_t count);
void* kernel_memcpy(void* destination, const void* source, std::size_t count);
void* kernel_memmove(void* destination, const void* source, std::size_t count);
int kernel_memcmp(const void* a, const void* b, std::size_t count);
std::size_t kernel_strlen(const char* text);
}

namespace {

using Buffer = std::vector<std::uint8_t>;

constexpr std::size_t kBufferSize = 64, kLargestCount = 24;

Buffer counting()
{
    Buffer bytes(kBufferSize);
    std::iota(bytes.begin(), bytes.end(), std::uint8_t{1});
    return bytes;
}

TEST(MemoryFunctions, SetWritesEachByteAndNoOther)
{
    for (std::size_t at = 0; at < 9; ++at) {
        for (std::size_t count = 0; count <= kLargestCount; ++count) {
            Buffer expected = counting();
            Buffer actual = counting();
            std::memset(expected.data() + at, 0x1c3, count);
            EXPECT_EQ(kernel_memset(actual.data() + at, 0x1c3, count), actual.data() + at);
            ASSERT_EQ(actual, expected) << "at " << at << " count " << count;
        }
    }
}

TEST(MemoryFunctions, CopyWritesEachByteAndNoOther)
{
    for (std::size_t at = 0; at < 9; ++at) {
        for (std::size_t count = 0; count <= kLargestCount; ++count) {
            Buffer expected = counting();
            Buffer actual = counting();
            std::memcpy(expected.data() + at, expected.data() + 36, count);
            EXPECT_EQ(kernel_memcpy(actual.data() + at, actual.data() + 36, count), actual.data() + at);
            ASSERT_EQ(actual, expected) << "at " << at << " count " << count;
        }
    }
}

TEST(MemoryFunctions, MoveIsRightForEveryOverlap)
{
    for (std::size_t to = 0; to < 40; ++to) {
        for (std::size_t from = 0; from < 40; ++from) {
            for (std::size_t count = 0; count <= kLargestCount; ++count) {
                Buffer expected = counting();
                Buffer actual = counting();
                std::memmove(expected.data() + to, expected.data() + from, count);
                EXPECT_EQ(kernel_memmove(actual.data() + to, actual.data() + from, count), actual.data() + to);
                ASSERT_EQ(actual, expected) << "to " << to << " from " << from << " count " << count;
            }
        }
    }
}

TEST(MemoryFunctions, MoveLeavesTheDirectionFlagClear)
{
    Buffer bytes = counting();
    kernel_memmove(bytes.data() + 1, bytes.data(), 20);
    EXPECT_EQ(__builtin_ia32_readeflags_u64() & 0x400, 0u);
}

TEST(MemoryFunctions, CompareHasTheSignOfTheFirstDifference)
{
    const Buffer a = counting();
    for (std::size_t count = 0; count <= kLargestCount; ++count) {
        EXPECT_EQ(kernel_memcmp(a.data(), counting().data(), count), 0);
        for (std::size_t different = 0; different < kLargestCount; ++different) {
            Buffer b = counting();
            b[different] = 0xf0; // above every byte of a: an unsigned comparison
            b[different + 1] = 0;
            const int expected = different < count ? -1 : 0;
            const auto sign = [](int value) { return (value > 0) - (value < 0); };
            EXPECT_EQ(sign(kernel_memcmp(a.data(), b.data(), count)), expected);
            EXPECT_EQ(sign(kernel_memcmp(b.data(), a.data(), count)), -expected);
        }
    }
}

TEST(MemoryFunctions, LengthEndsAtTheFirstNul)
{
    EXPECT_EQ(kernel_strlen(""), 0u);
    EXPECT_EQ(kernel_strlen("a"), 1u);
    EXPECT_EQ(kernel_strlen("hello\0world"), 5u);
}

} // namespace
