// SPDX-License-Identifier: MIT
// The initrd reader: a known archive, every truncation of it, hostile numbers in each field, and random damage.
#include "fs/cpio.h"
#include "unit/cpio_sample.h"
#include "unit/file_tree.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace {

using cpio_sample::member;
using cpio_sample::trailer;
using kernel::CpioEntry;
using kernel::CpioReader;
using uapi::Error;

constexpr unsigned kModeField = 1, kSizeField = 6, kNameSizeField = 11;

std::string archive()
{
    return member(".", "", 0040755) + member("hello", "first program") + member("dir", "", 0040755) +
           member("dir/empty", "") + member("last", std::string(301, 'z')) + trailer();
}

std::string text(base::Bytes bytes)
{
    return {bytes.begin(), bytes.end()};
}

fake::ExactBytes exact(const std::string& bytes)
{
    return {reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()};
}

base::Result<std::string> found(const std::string& bytes, const char* name)
{
    fake::ArchiveTree archive(bytes);
    const auto inode = archive.find(name);
    if (!inode || (*inode)->kind != kernel::FileKind::Regular) {
        return base::fail(archive.filled ? Error::Enoent : archive.filled.error());
    }
    return fake::contents(**inode);
}

/// Reads an archive to its end or its damage; every byte of every view is touched, so that ASan sees a wrong one.
base::Result<std::vector<std::string>> names(const std::string& bytes)
{
    const auto copy = exact(bytes);
    CpioReader reader(copy.bytes());
    std::vector<std::string> result;
    CpioEntry entry;
    for (;;) {
        const auto more = reader.next(entry);
        if (!more) {
            return base::fail(more.error());
        }
        if (!*more) {
            return result;
        }
        result.push_back(std::string(entry.name.begin(), entry.name.end()) + ":" +
                         std::to_string(text(entry.data).size()));
    }
}

TEST(Cpio, ListsItsEntriesInOrder)
{
    EXPECT_EQ(*names(archive()), (std::vector<std::string>{".:0", "hello:13", "dir:0", "dir/empty:0", "last:301"}));
    EXPECT_TRUE(names(trailer())->empty());
}

TEST(Cpio, FindsAFileByName)
{
    EXPECT_EQ(*found(archive(), "hello"), "first program");
    EXPECT_EQ(*found(archive(), "dir/empty"), "");
    EXPECT_EQ(*found(archive(), "last"), std::string(301, 'z'));
    EXPECT_EQ(*found(archive(), "./hello"), "first program");
    EXPECT_EQ(*found(archive(), "/hello"), "first program");
    EXPECT_EQ(*found(member("./x", "1") + trailer(), "x"), "1");
}

TEST(Cpio, HasNoSuchFile)
{
    for (const char* name : {"", "hell", "helloo", "dir", ".", "dir/", "TRAILER!!!"}) {
        EXPECT_EQ(found(archive(), name).error(), Error::Enoent) << name;
    }
}

TEST(Cpio, AcceptsTheChecksumVariantAndSmallDigits)
{
    std::string bytes = member("abc", "0123456789") + trailer();
    bytes[5] = '2';
    const std::size_t size = 6 + 8 * kSizeField;
    ASSERT_EQ(bytes.substr(size, 8), "0000000A");
    bytes[size + 7] = 'a';
    EXPECT_EQ(*found(bytes, "abc"), "0123456789");
}

TEST(Cpio, IsDamagedAtEveryTruncation)
{
    const std::string whole = archive();
    const std::size_t trailer_end = whole.find("TRAILER!!!") + 11; // what follows is padding
    for (std::size_t size = 0; size < whole.size(); ++size) {
        const auto result = names(whole.substr(0, size));
        if (size < trailer_end) {
            ASSERT_FALSE(result) << size;
            EXPECT_EQ(result.error(), Error::Eio);
        } else {
            EXPECT_TRUE(result) << size;
        }
    }
}

TEST(Cpio, FindsWhatStandsBeforeTheDamage)
{
    const std::string whole = archive();
    EXPECT_EQ(*found(whole.substr(0, whole.size() - 200), "hello"), "first program");
    EXPECT_EQ(found(whole.substr(0, whole.size() - 200), "nothing").error(), Error::Eio);
}

TEST(Cpio, SurvivesEveryHostileNumber)
{
    const std::string whole = member("name", "contents") + trailer();
    const auto put = [&](unsigned field, const char* digits) {
        std::string bytes = whole;
        bytes.replace(6 + 8 * field, 8, digits);
        return names(bytes);
    };
    for (unsigned field = 0; field < 13; ++field) {
        if (field != kModeField && field != kSizeField && field != kNameSizeField) {
            EXPECT_TRUE(put(field, "no digit")) << "times and owners are nobody's";
            continue;
        }
        for (const char* digits : {"0000000G", " 0000001", "0x000001", "-0000001", "+0000001"}) {
            EXPECT_EQ(put(field, digits).error(), Error::Eio) << field << " " << digits;
        }
        EXPECT_EQ(names(whole.substr(0, 6 + 8 * field) + std::string(8, '\0') + whole.substr(14 + 8 * field)).error(),
                  Error::Eio);
    }
    for (const char* size : {"FFFFFFFF", "FFFFFFFC", "80000000", "7FFFFFFF", "00010000", "00000100"}) {
        EXPECT_EQ(put(kSizeField, size).error(), Error::Eio) << size;
        EXPECT_EQ(put(kNameSizeField, size).error(), Error::Eio) << size;
    }
    EXPECT_EQ(put(kNameSizeField, "00000000").error(), Error::Eio);
    EXPECT_EQ(put(kNameSizeField, "00000004").error(), Error::Eio) << "the name is not terminated";
    EXPECT_TRUE(put(kModeField, "FFFFFFFF"));
    EXPECT_EQ(names(member(std::string("na\0me", 5), "contents") + trailer()).error(), Error::Eio) << "two names";
}

TEST(Cpio, RefusesAWrongMagic)
{
    for (unsigned at = 0; at < 6; ++at) {
        std::string bytes = archive();
        bytes[at] ^= 0x08;
        EXPECT_EQ(names(bytes).error(), Error::Eio) << at;
    }
}

TEST(Cpio, SurvivesRandomDamage)
{
    std::mt19937_64 random(3);
    const std::string whole = archive();
    unsigned damaged = 0;
    for (unsigned round = 0; round < 10'000; ++round) {
        std::string bytes = whole;
        for (std::uint64_t flips = 1 + random() % 4; flips > 0; --flips) {
            bytes[random() % bytes.size()] ^= static_cast<char>(1 << random() % 8);
        }
        const auto result = names(bytes);
        ASSERT_TRUE(result || result.error() == Error::Eio);
        damaged += result ? 0 : 1;
    }
    EXPECT_GT(damaged, 1'000u);
}

} // namespace
