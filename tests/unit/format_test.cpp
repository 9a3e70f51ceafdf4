// SPDX-License-Identifier: MIT
// Text output: known answers, the extremes of each type, and buffers that are too small.
#include "base/format.h"
#include "base/static_vector.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <string>

namespace {

using base::hex;
using base::left;
using base::right;

class StringWriter final : public base::Writer {
public:
    void write(base::StringView text) override { text_.append(text.data(), text.size()); }
    const std::string& text() const { return text_; }

private:
    std::string text_;
};

template <typename... Arguments> std::string printed(const Arguments&... arguments)
{
    StringWriter out;
    base::print(out, arguments...);
    return out.text();
}

TEST(Format, PrintsEachArgumentInOrder)
{
    EXPECT_EQ(printed("Vessel ", 7, " at ", hex(0x401000), '\n'), "Vessel 7 at 0x401000\n");
    EXPECT_EQ(printed(base::StringView("abcdef", 3), "", 'x'), "abcx");
    EXPECT_EQ(printed(), "");
}

TEST(Format, PrintsTheExtremesOfEachInteger)
{
    EXPECT_EQ(printed(std::uint64_t{0}), "0");
    EXPECT_EQ(printed(std::numeric_limits<std::uint64_t>::max()), "18446744073709551615");
    EXPECT_EQ(printed(std::numeric_limits<std::int64_t>::min()), "-9223372036854775808");
    EXPECT_EQ(printed(std::numeric_limits<std::int64_t>::max()), "9223372036854775807");
    EXPECT_EQ(printed(std::numeric_limits<std::int32_t>::min()), "-2147483648");
    EXPECT_EQ(printed(std::int8_t{-128}, " ", std::uint8_t{255}, " ", std::uint16_t{65535}), "-128 255 65535");
}

TEST(Format, PrintsHexadecimalWithAsManyDigitsAsNeeded)
{
    EXPECT_EQ(printed(hex(0)), "0x0");
    EXPECT_EQ(printed(hex(0xff)), "0xff");
    EXPECT_EQ(printed(hex(0xff, 16)), "0x00000000000000ff");
    EXPECT_EQ(printed(hex(0x12345, 2)), "0x12345");
    EXPECT_EQ(printed(hex(0xfedc'ba98'7654'3210)), "0xfedcba9876543210");
    EXPECT_EQ(printed(hex(~std::uint64_t{0}, 99)), "0xffffffffffffffff");
}

TEST(Format, FillsCellsWithSpacesAndNeverCutsText)
{
    EXPECT_EQ(printed("[", left("ab", 5), "]"), "[ab   ]");
    EXPECT_EQ(printed("[", right(42, 5), "]"), "[   42]");
    EXPECT_EQ(printed("[", right(-42, 3), left(hex(0xa), 4), "]"), "[-420xa ]");
    EXPECT_EQ(printed("[", left("abcdef", 3), right("abcdef", 0), "]"), "[abcdefabcdef]");
}

TEST(BufferWriter, DropsWhatDoesNotFitAndStaysTerminated)
{
    char buffer[6] = {'?', '?', '?', '?', '?', '?'};
    base::BufferWriter out(buffer, sizeof buffer - 1);
    EXPECT_STREQ(buffer, "");
    base::print(out, "ab", 1);
    EXPECT_STREQ(buffer, "ab1");
    base::print(out, "cdef");
    EXPECT_STREQ(buffer, "ab1c");
    EXPECT_EQ(out.text().size(), 4u);
    EXPECT_EQ(buffer[5], '?');
}

TEST(StaticVector, RefusesTheElementAfterTheLast)
{
    base::StaticVector<int, 2> numbers;
    EXPECT_TRUE(numbers.empty());
    EXPECT_TRUE(numbers.push_back(1));
    EXPECT_TRUE(numbers.push_back(2));
    EXPECT_FALSE(numbers.push_back(3));
    EXPECT_EQ(numbers.size(), 2u);
    EXPECT_EQ(numbers[1], 2);
    EXPECT_DEATH(static_cast<void>(numbers[2]), "index < size_");
}

} // namespace
