// SPDX-License-Identifier: MIT
// The bytes of a guest's files, whatever kind of file it is.
#include "machine/shared_bytes.h"
#include "support/temporary_folder.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <sys/stat.h>
#include <thread>

namespace {

using ringcheck::SharedBytes;

class ReadFile : public testing::Test {
protected:
    std::string path() const { return folder.path("file"); }

    static std::string content(std::size_t size)
    {
        std::string text(size, '\0');
        std::ranges::generate(text, [i = 0u]() mutable { return static_cast<char>(i++ * 7 >> 3); });
        return text;
    }
    void write(const std::string& text) const { folder.write("file", text); }
    static std::string text_of(const SharedBytes& bytes)
    {
        return {reinterpret_cast<const char*>(bytes.view().data()), bytes.size()};
    }

    support::TemporaryFolder folder;
};

TEST_F(ReadFile, HasAllOfIt)
{
    for (const std::size_t size : {0u, 1u, 4096u, 100'000u, (1u << 20) - 1, 3u << 20}) {
        write(content(size));
        const auto bytes = SharedBytes::read(path());
        ASSERT_TRUE(bytes) << bytes.error();
        EXPECT_TRUE(text_of(*bytes) == content(size)) << size << " bytes";
    }
}

TEST_F(ReadFile, HasAllOfAPipeWhichHasNoSize)
{
    for (const std::size_t size : {0u, 65'536u, 200'000u}) {
        ASSERT_EQ(mkfifo(path().c_str(), 0600), 0);
        const std::jthread writer([&] { write(content(size)); });
        const auto bytes = SharedBytes::read(path());
        ASSERT_TRUE(bytes) << bytes.error();
        EXPECT_TRUE(text_of(*bytes) == content(size)) << size << " bytes";
        std::filesystem::remove(path());
    }
}

TEST_F(ReadFile, IsNotChangedByWhoeverWritesToTheFileLater)
{
    write(content(2u << 20));
    const auto bytes = SharedBytes::read(path());
    ASSERT_TRUE(bytes) << bytes.error();
    write("");
    EXPECT_TRUE(text_of(*bytes) == content(2u << 20));
}

TEST_F(ReadFile, SaysInOneLineWhatIsWrong)
{
    EXPECT_EQ(SharedBytes::read(path()).error(), path() + ": No such file or directory");
    EXPECT_EQ(SharedBytes::read(folder.path()).error(), folder.path() + ": Is a directory");
    write("");
    std::filesystem::resize_file(path(), SharedBytes::kFileLimit + 1);
    EXPECT_EQ(SharedBytes::read(path()).error(), path() + ": has more than 1024 MiB");
}

TEST(SharedBytes, LastAsLongAsAnyPartOfThem)
{
    SharedBytes part;
    {
        const SharedBytes whole(std::vector<std::byte>(1000, std::byte{7}));
        part = whole.part(990, 10);
        EXPECT_EQ(part.view().data(), whole.view().data() + 990);
    }
    EXPECT_TRUE(std::ranges::equal(part.view(), std::vector<std::byte>(10, std::byte{7})));
}

} // namespace
