// SPDX-License-Identifier: MIT
// A snapshot file comes back as it was, or is refused: whichever byte of it is another, wherever it ends.
#include "arch/address.h"
#include "machine/content_hash.h"
#include "machine/ram_pages.h"
#include "machine/snapshot_file.h"
#include "support/temporary_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>
#include <sys/resource.h>
#include <vector>

namespace {

using namespace ringcheck;
using support::TemporaryFolder;
using testing::AnyOf;
using testing::HasSubstr;

std::vector<std::byte> bytes_of(std::string_view text)
{
    const auto view = std::as_bytes(std::span(text));
    return {view.begin(), view.end()};
}

SnapshotFile small_file()
{
    SnapshotFile file;
    file.add("one", bytes_of("the first section"));
    file.add("eighteen", bytes_of(""));
    file.add("three", bytes_of(std::string(100, 'x')));
    return file;
}

std::string refusal(std::span<const std::byte> bytes)
{
    const auto decoded = SnapshotFile::decode(bytes);
    return decoded ? "accepted" : decoded.error();
}

std::size_t files_in(const TemporaryFolder& folder)
{
    return static_cast<std::size_t>(
        std::distance(std::filesystem::directory_iterator(folder.path()), std::filesystem::directory_iterator()));
}

void write_text(const std::string& path, const std::string& text)
{
    std::ofstream(path, std::ios::binary) << text;
}

TEST(SnapshotFile, ComesBackAsItWas)
{
    const auto decoded = SnapshotFile::decode(small_file().encode());
    ASSERT_TRUE(decoded.has_value()) << decoded.error();
    ASSERT_EQ(decoded->sections().size(), 3u);
    for (const SnapshotSection& section : small_file().sections()) {
        ASSERT_NE(decoded->find(section.name), nullptr) << section.name;
        EXPECT_EQ(*decoded->find(section.name), section.bytes);
    }
    EXPECT_EQ(decoded->find("two"), nullptr);
    EXPECT_EQ(decoded->encode(), small_file().encode());
}

TEST(SnapshotFile, BeginsAsItsHeaderSays)
{
    const std::vector<std::byte> file = small_file().encode();
    const std::vector<std::byte> start = {std::byte{0x89}, std::byte{'R'},  std::byte{'C'},  std::byte{'S'},
                                          std::byte{0x0d}, std::byte{0x0a}, std::byte{0x1a}, std::byte{0x0a},
                                          std::byte{6},    std::byte{0},    std::byte{0},    std::byte{0},
                                          std::byte{3},    std::byte{0},    std::byte{0},    std::byte{0}};
    ASSERT_GT(file.size(), start.size());
    EXPECT_TRUE(std::equal(start.begin(), start.end(), file.begin()));
    EXPECT_EQ(file.size(), 24u + 3 * 32 + 16 + 17 + 100);
}

// The known answer for no bytes at all.  [xxHash "XXH3 algorithm description"]
TEST(SnapshotFile, HashesAsXxh3Does)
{
    EXPECT_EQ(hash_of({}).text(), "99aa06d3014798d8");
}

TEST(SnapshotFile, IsRefusedWithAnyBitFlipped)
{
    const std::vector<std::byte> good = small_file().encode();
    for (std::size_t at = 0; at < good.size(); ++at) {
        for (unsigned bit = 0; bit < 8; ++bit) {
            std::vector<std::byte> bad = good;
            bad[at] ^= std::byte{1} << bit;
            ASSERT_THAT(refusal(bad), AnyOf(HasSubstr("this snapshot is"), HasSubstr("this is not a snapshot"))) << at;
        }
    }
}

TEST(SnapshotFile, IsRefusedWhereverItEnds)
{
    const std::vector<std::byte> good = small_file().encode();
    for (std::size_t size = 0; size < good.size(); ++size) {
        const std::string text = refusal(std::span(good).first(size));
        ASSERT_THAT(text, HasSubstr(size < 8 ? "not a snapshot" : "damaged: it has " + std::to_string(size))) << size;
    }
    std::vector<std::byte> longer = good;
    longer.push_back(std::byte{0});
    EXPECT_THAT(refusal(longer), HasSubstr("damaged: it has 254 bytes of 253"));
}

TEST(SnapshotFile, SaysWhichSectionIsDamaged)
{
    std::vector<std::byte> bad = small_file().encode();
    bad.back() ^= std::byte{1};
    EXPECT_EQ(refusal(bad),
              "this snapshot is damaged: its section 'three' does not match its hash; save it again, with "
              "'ringcheck run --save-at'");
}

TEST(SnapshotFile, SaysThatItIsOfAnotherVersion)
{
    std::vector<std::byte> other = small_file().encode();
    other[8] = std::byte{7};
    EXPECT_EQ(refusal(other),
              "this snapshot is of format version 7, and this ringcheck reads version 6; save it again, "
              "with 'ringcheck run --save-at'");
}

TEST(SnapshotFile, IsNotAnyOtherFile)
{
    EXPECT_EQ(refusal(bytes_of("\x7f"
                               "ELF and so on")),
              "this is not a snapshot of ringcheck; 'ringcheck run --save-at' makes one");
    EXPECT_THAT(refusal({}), HasSubstr("not a snapshot"));
}

TEST(SnapshotFile, IsWrittenAndRead)
{
    const TemporaryFolder folder;
    const std::string path = folder.path("boot.snap");
    const auto written = small_file().write(path);
    ASSERT_TRUE(written.has_value()) << written.error();
    const auto read = SnapshotFile::read(path);
    ASSERT_TRUE(read.has_value()) << read.error();
    EXPECT_EQ(read->encode(), small_file().encode());
    EXPECT_EQ(files_in(folder), 1u);
}

TEST(SnapshotFile, NamesTheFileThatItRefuses)
{
    const TemporaryFolder folder;
    write_text(folder.path("text"), "hello");
    EXPECT_EQ(SnapshotFile::read(folder.path("text")).error(),
              folder.path("text") + ": this is not a snapshot of ringcheck; 'ringcheck run --save-at' makes one");
    EXPECT_EQ(SnapshotFile::read(folder.path("none")).error(),
              folder.path("none") + ": the snapshot cannot be read: No such file or directory");
    EXPECT_EQ(SnapshotFile::read(folder.path() + "/").error(),
              folder.path() + "/" + ": the snapshot cannot be read: it is not a regular file");
}

TEST(SnapshotFile, LeavesTheOldFileWhenTheNewOneCannotBeWritten)
{
    const TemporaryFolder folder;
    const std::string path = folder.path("boot.snap");
    ASSERT_TRUE(small_file().write(path).has_value());
    SnapshotFile large;
    large.add("large", std::vector<std::byte>(100'000));

    // As on a full disk: what is larger than this cannot be written.
    rlimit before{};
    getrlimit(RLIMIT_FSIZE, &before);
    auto* const handler = std::signal(SIGXFSZ, SIG_IGN);
    const rlimit small{10'000, before.rlim_max};
    setrlimit(RLIMIT_FSIZE, &small);
    const auto written = large.write(path);
    setrlimit(RLIMIT_FSIZE, &before);
    std::signal(SIGXFSZ, handler);

    ASSERT_FALSE(written.has_value());
    EXPECT_EQ(written.error(), path + ": the snapshot cannot be written: File too large");
    EXPECT_EQ(SnapshotFile::read(path)->encode(), small_file().encode());
    EXPECT_EQ(files_in(folder), 1u) << "the half that was written is still there";
}

TEST(SnapshotFile, SaysWhyItCannotBeWritten)
{
    const TemporaryFolder folder;
    EXPECT_EQ(small_file().write(folder.path("no/where")).error(),
              folder.path("no/where") + ": the snapshot cannot be written: No such file or directory");
}

TEST(RamPages, ComeBackAsTheyWere)
{
    constexpr std::size_t kPages = 64;
    std::vector<std::byte> ram(kPages * arch::kPageSize);
    for (const std::size_t page : {0u, 7u, 8u, 40u, 63u}) {
        ram[page * arch::kPageSize + 5 * page] = static_cast<std::byte>(page + 1);
    }
    const std::vector<std::byte> compressed = compress_pages(ram);
    EXPECT_LT(compressed.size(), 1000u);
    std::vector<std::byte> again(ram.size());
    EXPECT_TRUE(decompress_pages(compressed, again));
    EXPECT_TRUE(again == ram);
}

TEST(RamPages, AreRefusedWhenTheyAreNotOfThatRam)
{
    std::vector<std::byte> ram(64 * arch::kPageSize, std::byte{1});
    const std::vector<std::byte> compressed = compress_pages(ram);
    std::vector<std::byte> smaller(56 * arch::kPageSize), larger(72 * arch::kPageSize), same(ram.size());
    EXPECT_FALSE(decompress_pages(compressed, smaller));
    EXPECT_FALSE(decompress_pages(compressed, larger));
    for (std::size_t size = 0; size < compressed.size(); ++size) {
        EXPECT_FALSE(decompress_pages(std::span(compressed).first(size), same)) << size;
    }
    std::vector<std::byte> longer = compressed;
    longer.push_back(std::byte{0});
    EXPECT_FALSE(decompress_pages(longer, same));
}

} // namespace
