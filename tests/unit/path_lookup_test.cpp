// SPDX-License-Identifier: MIT
// Property: a path leads where pathname resolution says, in an archive that names its directories or not, and never
// reads outside the archive.  [POSIX.1-2017 XBD 4.13 "Pathname Resolution"]
#include "fs/path_lookup.h"
#include "unit/cpio_sample.h"
#include "unit/indexed_archive.h"

#include <gtest/gtest.h>

#include <string>

namespace {

using cpio_sample::member;
using cpio_sample::trailer;
using fake::Indexed;
using kernel::FileKind;
using kernel::look_up;
using uapi::Error;

class PathLookup : public ::testing::Test {
protected:
    const std::string bytes_ = member("hello", "first", 0100755) + member("etc", "", 0040700) +
                               member("etc/motd", "second", 0100644) + member("bin/tools/ls", "third", 0100755) +
                               member("binary", "fourth", 0100600) + trailer();
    Indexed archive_{bytes_};

    base::Result<kernel::ArchiveFile*> find(const std::string& path) const
    {
        return look_up(archive_.files, kernel::root_directory, {path.data(), path.size()});
    }
    /// The contents, "(directory)", or the error's name.
    std::string at(const std::string& path) const
    {
        const auto node = find(path);
        if (!node) {
            return uapi::error_name(static_cast<std::uint64_t>(node.error()));
        }
        return (*node)->kind == FileKind::Directory
                   ? "(directory)"
                   : std::string((*node)->contents().begin(), (*node)->contents().end());
    }
};

TEST_F(PathLookup, LeadsToFiles)
{
    for (const char* path : {"hello", "/hello", "./hello", "//hello", "etc/../hello", "../../hello", "/./hello",
                             "bin/tools/../../hello"}) {
        EXPECT_EQ(at(path), "first") << path;
    }
    EXPECT_EQ(at("etc//motd"), "second");
    EXPECT_EQ(at("bin/tools/ls"), "third");
}

TEST_F(PathLookup, LeadsToDirectoriesThatTheArchiveNamesOrImplies)
{
    for (const char* path : {"/", ".", "..", "etc", "etc/", "etc/.", "bin", "bin/tools/", "bin/.."}) {
        EXPECT_EQ(at(path), "(directory)") << path;
    }
    EXPECT_EQ((*find("/"))->number, 1u);
    EXPECT_EQ((*find("etc"))->permissions, 0700u);
    EXPECT_EQ((*find("bin"))->permissions, 0555u);
    EXPECT_NE((*find("bin"))->number, (*find("bin/tools/ls"))->number);
}

TEST_F(PathLookup, GoesOnFromADirectory)
{
    const auto etc = find("etc"), bin = find("bin");
    ASSERT_TRUE(etc && bin);
    EXPECT_EQ((*look_up(archive_.files, **etc, "motd"))->size(), 6u);
    EXPECT_EQ((*look_up(archive_.files, **bin, "tools/ls"))->size(), 5u);
    EXPECT_EQ((*look_up(archive_.files, **bin, "../hello"))->size(), 5u);
    EXPECT_EQ((*look_up(archive_.files, **bin, "/hello"))->size(), 5u);
    EXPECT_EQ(look_up(archive_.files, **find("hello"), "motd").error(), Error::Enotdir);
}

TEST_F(PathLookup, RefusesWhatLeadsNowhere)
{
    EXPECT_EQ(at(""), "ENOENT");
    for (const char* path : {"nothing", "etc/nothing", "nothing/hello", "bi", "binar", "bin/tool", "hell", "helloo"}) {
        EXPECT_EQ(at(path), "ENOENT") << path;
    }
    for (const char* path : {"hello/", "hello/.", "hello/..", "hello/x", "etc/motd/x", "binary/tools"}) {
        EXPECT_EQ(at(path), "ENOTDIR") << path;
    }
    const std::string longest(kernel::kPathMax - 1, 'a');
    EXPECT_EQ(at(longest), "ENOENT");
    EXPECT_EQ(look_up(archive_.files, **find("etc"), {longest.data(), longest.size()}).error(), Error::Enametoolong);
}

TEST_F(PathLookup, SaysThatTheArchiveIsDamaged)
{
    const Indexed cut{bytes_.substr(0, bytes_.size() - 130)};
    EXPECT_EQ(look_up(cut.files, kernel::root_directory, "nothing").error(), Error::Eio);
    EXPECT_TRUE(look_up(cut.files, kernel::root_directory, "hello"));
}

TEST(ParentPath, IsWithoutTheLastComponent)
{
    const auto parent = [](const char* path) {
        const base::StringView text = kernel::parent_path(path);
        return std::string(text.begin(), text.end());
    };
    EXPECT_EQ(parent("a"), ".");
    EXPECT_EQ(parent("a/"), ".");
    EXPECT_EQ(parent("/a"), "/");
    EXPECT_EQ(parent("a/b"), "a/");
    EXPECT_EQ(parent("a//b//"), "a//");
    EXPECT_EQ(parent("/"), ".");
}

} // namespace
