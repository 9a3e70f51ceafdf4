// SPDX-License-Identifier: MIT
// The harness's reader of the initrd: known answers, every refusal, and archives with damaged bytes.
#include "watch/cpio_archive.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <random>

namespace {

using ringcheck::CpioArchive;

/// One entry as cpio(5) writes it.
std::string entry(const std::string& name, const std::string& data, unsigned mode = 0100644)
{
    std::string text =
        fmt::format("070701{:08x}{:08x}{:08x}{:08x}{:08x}{:08x}{:08x}{:08x}{:08x}{:08x}{:08x}{:08x}{:08x}", 1, mode, 0,
                    0, 1, 0, data.size(), 0, 0, 0, 0, name.size() + 1, 0);
    text += name + '\0';
    text.resize((text.size() + 3) & ~std::size_t{3});
    text += data;
    text.resize((text.size() + 3) & ~std::size_t{3});
    return text;
}

std::string archive()
{
    return entry(".", "", 040755) + entry("./hello", "abc") + entry("bin/tool", "defgh") + entry("TRAILER!!!", "", 0);
}

std::expected<CpioArchive, std::string> parse(const std::string& text)
{
    const auto bytes = std::as_bytes(std::span(text));
    return CpioArchive::parse(std::vector(bytes.begin(), bytes.end()));
}

std::string error_of(const std::string& text)
{
    const auto parsed = parse(text);
    return parsed ? "no error" : parsed.error();
}

TEST(CpioReader, FindsRegularFilesByName)
{
    const auto parsed = parse(archive());
    ASSERT_TRUE(parsed) << parsed.error();
    EXPECT_EQ(parsed->names(), (std::vector<std::string>{"bin/tool", "hello"}));
    ASSERT_NE(parsed->find("/hello"), nullptr);
    EXPECT_EQ(parsed->find("/hello")->size(), 3u);
    EXPECT_EQ(parsed->find("bin/tool")->view()[4], std::byte{'h'});
    EXPECT_EQ(parsed->find("."), nullptr);
    EXPECT_EQ(parsed->find("nope"), nullptr);
}

TEST(CpioReader, FindsWhatTheKernelFinds)
{
    const auto parsed = parse(entry("a", "first") + entry("./a", "2nd") + entry("//b", "") + entry(".//c", "") +
                              entry("TRAILER!!!", "", 0));
    ASSERT_TRUE(parsed) << parsed.error();
    EXPECT_EQ(parsed->names(), (std::vector<std::string>{"/b", "/c", "a"})) << "one \"./\" or \"/\" does not count";
    EXPECT_EQ(parsed->find("a")->size(), 5u) << "of two files of one name the first";
    EXPECT_EQ(parsed->find("b"), nullptr);
}

TEST(CpioWriter, PutsAFileInFrontOfOthers)
{
    std::vector<std::byte> bytes;
    for (const char* contents : {"", "x", "123", "1234"}) {
        ringcheck::append_file(bytes, "dir/" + std::string(contents), contents);
    }
    ringcheck::append_file(bytes, "hello", "the first counts");
    const std::string old = archive();
    for (const char c : old) {
        bytes.push_back(static_cast<std::byte>(c));
    }
    const auto parsed = CpioArchive::parse(bytes);
    ASSERT_TRUE(parsed) << parsed.error();
    EXPECT_EQ(parsed->names(), (std::vector<std::string>{"bin/tool", "dir/", "dir/123", "dir/1234", "dir/x", "hello"}));
    EXPECT_EQ(parsed->find("dir/123")->size(), 3u);
    EXPECT_EQ(parsed->find("hello")->size(), 16u);
    EXPECT_EQ(parsed->find("bin/tool")->size(), 5u);
}

TEST(CpioReader, KeepsItsFilesWhenItMoves)
{
    auto parsed = parse(archive());
    const CpioArchive moved = std::move(*parsed);
    EXPECT_EQ(moved.find("hello")->view().data(), moved.bytes().data() + 112 + 110 + 10);
}

TEST(CpioReader, RefusesWhatIsNoArchive)
{
    EXPECT_EQ(error_of(""), "entry at byte 0x0: not a cpio archive: too short");
    EXPECT_EQ(error_of(std::string(200, 'x')),
              "entry at byte 0x0: not a cpio archive in the newc format (magic 070701)");
}

TEST(CpioReader, RefusesLengthsThatLeaveTheArchive)
{
    std::string text = archive();
    EXPECT_EQ(error_of(text.substr(0, text.size() - 20)), "entry at byte 0x16c: the archive ends without its trailer");
    EXPECT_EQ(error_of(entry("a", "b")), "entry at byte 0x74: the archive ends without its trailer");
    text.replace(6 + 6 * 8, 8, "ffffffff");
    EXPECT_EQ(error_of(text), "entry at byte 0x0: the data of '.' ends beyond the archive");
    text = archive();
    text.replace(6 + 11 * 8, 8, "fffffffe");
    EXPECT_EQ(error_of(text), "entry at byte 0x0: its name ends beyond the archive");
    text.replace(6 + 11 * 8, 8, "00000000");
    EXPECT_EQ(error_of(text), "entry at byte 0x0: its name ends beyond the archive");
    text.replace(6 + 11 * 8, 8, "0000000x");
    EXPECT_EQ(error_of(text), "entry at byte 0x0: a header field is not hexadecimal");
    text.replace(6 + 11 * 8, 8, "00000001");
    EXPECT_EQ(error_of(text), "entry at byte 0x0: its name is not NUL-terminated");
}

TEST(CpioReader, SurvivesDamagedArchives)
{
    std::mt19937 random(1);
    unsigned refused = 0;
    for (int round = 0; round < 5000; ++round) {
        std::string text = archive();
        for (int i = 0; i < 3; ++i) {
            text[random() % text.size()] = "0f\0x71\xff"[random() % 7];
        }
        text.resize(random() % 4 == 0 ? random() % text.size() : text.size());
        const auto parsed = parse(text);
        refused += !parsed;
        for (const std::string& name : parsed ? parsed->names() : std::vector<std::string>()) {
            const auto file = parsed->find(name)->view();
            ASSERT_LE(file.data() + file.size(), parsed->bytes().data() + parsed->bytes().size());
        }
    }
    EXPECT_GT(refused, 1000u);
}

} // namespace
