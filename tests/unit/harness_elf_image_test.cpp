// SPDX-License-Identifier: MIT
// ElfImage reads what is there and refuses what is not, each time with one line that says why.
#include "machine/elf_image.h"
#include "support/elf_builder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <random>

namespace {

using ringcheck::ElfImage;
using support::ElfBuilder;
using testing::HasSubstr;

constexpr std::array kCode = {std::byte{0x90}, std::byte{0xf4}};

ElfBuilder sample()
{
    return ElfBuilder()
        .entry(0xffff'ffff'8010'0000)
        .pvh_entry(0x10'0040)
        .segment(0xffff'ffff'8010'0000, 0x10'0000, kCode, 0x2000,
                 arch::elf::kSegmentReadable | arch::elf::kSegmentExecutable)
        .symbols({{"_ZN6kernel4Loom5yieldEv", 0xffff'ffff'8010'0000, 0x10},
                  {"_ZN12_GLOBAL__N_14helpEi", 0xffff'ffff'8010'0010, 8},
                  {"_ZNK6kernel3MapIiE4findERKi", 0xffff'ffff'8010'0018, 8},
                  {"label", 0xffff'ffff'8010'0100, 0, arch::elf::kSymbolNoType},
                  {"table", 0xffff'ffff'8010'0200, 16, arch::elf::kSymbolObject},
                  {"table_begin", 0xffff'ffff'8010'0200, 0, arch::elf::kSymbolNoType}});
}

std::string error_of(std::vector<std::byte> file)
{
    const auto image = ElfImage::parse(std::move(file));
    return image ? "no error" : image.error();
}

TEST(ElfImage, ReadsSegmentsEntriesAndSymbols)
{
    const auto image = ElfImage::parse(sample().build());
    ASSERT_TRUE(image.has_value()) << image.error();
    EXPECT_EQ(image->entry(), 0xffff'ffff'8010'0000u);
    EXPECT_EQ(image->pvh_entry(), 0x10'0040u);
    ASSERT_EQ(image->segments().size(), 1u);
    const ringcheck::ElfSegment& segment = image->segments()[0];
    EXPECT_EQ(segment.physical_address, arch::PhysAddr{0x10'0000});
    EXPECT_EQ(segment.memory_size, 0x2000u);
    EXPECT_TRUE(std::ranges::equal(segment.file_bytes, kCode));
    EXPECT_TRUE(segment.readable && segment.executable && !segment.writable);
    EXPECT_EQ(image->symbol("kernel::Loom::yield"), 0xffff'ffff'8010'0000u);
    EXPECT_EQ(image->symbol("(anonymous namespace)::help"), 0xffff'ffff'8010'0010u);
    EXPECT_EQ(image->symbol("kernel::Map<int>::find"), 0xffff'ffff'8010'0018u);
    EXPECT_EQ(image->symbol("label"), 0xffff'ffff'8010'0100u);
    EXPECT_EQ(image->symbol("nothing"), std::nullopt);
}

TEST(ElfImage, TakesAPositionIndependentFileAsAProgramOnly)
{
    std::vector<std::byte> file = sample().build();
    const std::uint16_t type = arch::elf::kTypeShared;
    std::memcpy(file.data() + offsetof(arch::elf::Header, type), &type, sizeof type);
    EXPECT_TRUE(ElfImage::parse(file, ringcheck::ElfUse::Program));
    EXPECT_EQ(error_of(file), "ELF type 3 is not an executable (2)");
}

TEST(ElfImage, DescribesAddressesInsideSymbolsOnly)
{
    const auto image = ElfImage::parse(sample().build());
    ASSERT_TRUE(image.has_value());
    EXPECT_EQ(image->describe(0xffff'ffff'8010'0000), "kernel::Loom::yield");
    EXPECT_EQ(image->describe(0xffff'ffff'8010'000f), "kernel::Loom::yield+0xf");
    EXPECT_EQ(image->describe(0xffff'ffff'8010'0020), "") << "behind a function of known size";
    EXPECT_EQ(image->describe(0xffff'ffff'8010'0112), "label+0x12") << "a label reaches to the next symbol";
    EXPECT_EQ(image->describe(0xffff'ffff'8010'0208), "table+0x8");
    EXPECT_EQ(image->describe(0x1000), "");
    EXPECT_EQ(image->describe(0xffff'ffff'ffff'ffff), "");
}

TEST(ElfImage, StaysWholeWhenMoved)
{
    auto first = ElfImage::parse(sample().build());
    ASSERT_TRUE(first.has_value());
    const ElfImage second = std::move(*first);
    EXPECT_TRUE(std::ranges::equal(second.segments()[0].file_bytes, kCode));
}

TEST(ElfImage, RefusesWhatIsNoKernelInOneLine)
{
    namespace elf = arch::elf;
    EXPECT_THAT(error_of({}), HasSubstr("empty"));
    EXPECT_EQ(error_of({std::byte{'#'}, std::byte{'!'}, std::byte{'/'}, std::byte{'b'}}),
              "not an ELF file (starts with 23 21 2f 62)");
    const auto changed = [](std::size_t at, int value) {
        std::vector<std::byte> file = sample().build();
        file[at] = static_cast<std::byte>(value);
        return error_of(file);
    };
    EXPECT_EQ(changed(elf::kIdentClass, elf::kClass32), "a 32-bit ELF (ELFCLASS32); ringcheck runs 64-bit kernels");
    EXPECT_THAT(changed(elf::kIdentData, 2), HasSubstr("little-endian"));
    EXPECT_THAT(changed(offsetof(elf::Header, machine), 0xb7), HasSubstr("machine 183"));
    EXPECT_THAT(changed(offsetof(elf::Header, type), 1), HasSubstr("not an executable"));
    EXPECT_THAT(error_of(ElfBuilder().build()), HasSubstr("no segment"));
    EXPECT_THAT(error_of(ElfBuilder().segment(0, 0, kCode, 1).build()), HasSubstr("0x2 bytes in the file but 0x1"));
    EXPECT_THAT(error_of(ElfBuilder().segment(0xffff'ffff'ffff'f000, 0, kCode, 0x1001).build()),
                HasSubstr("segment 0 at 0xfffffffffffff000, 0x1001 bytes, goes on beyond the last address"));
    EXPECT_EQ(error_of(ElfBuilder().segment(0xffff'ffff'ffff'f000, 0, kCode, 0x1000).build()), "no error");
}

TEST(ElfImage, RefusesEveryTruncation)
{
    const std::vector<std::byte> file = sample().build();
    for (std::size_t size = 0; size < file.size(); ++size) {
        const auto image = ElfImage::parse(std::vector(file.begin(), file.begin() + static_cast<std::ptrdiff_t>(size)));
        ASSERT_FALSE(image.has_value()) << size << " of " << file.size() << " bytes";
        EXPECT_THAT(image.error(), testing::AnyOf(HasSubstr("truncated"), HasSubstr("not an ELF"), HasSubstr("empty")));
    }
}

TEST(ElfImage, SurvivesEveryDamagedByte)
{
    std::mt19937 random(1);
    const std::vector<std::byte> file = sample().build();
    for (std::size_t at = 0; at < file.size(); ++at) {
        for (int round = 0; round < 4; ++round) {
            std::vector<std::byte> damaged = file;
            damaged[at] = static_cast<std::byte>(random());
            const auto image = ElfImage::parse(std::move(damaged));
            if (image) {
                image->describe(image->entry()); // whatever it became, using it stays in bounds
            } else {
                EXPECT_FALSE(image.error().empty());
            }
        }
    }
}

TEST(ElfImage, NamesTheFileThatCannotBeRead)
{
    const auto missing = ElfImage::load("/nonexistent/kernel.elf");
    ASSERT_FALSE(missing.has_value());
    EXPECT_EQ(missing.error(), "/nonexistent/kernel.elf: No such file or directory");
    const auto folder = ElfImage::load("/");
    ASSERT_FALSE(folder.has_value());
    EXPECT_EQ(folder.error(), "/: Is a directory");
}

} // namespace
