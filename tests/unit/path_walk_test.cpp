// SPDX-License-Identifier: MIT
// Property: a path leads where pathname resolution says, through whatever directories and symbolic links.
// [POSIX.1-2017 XBD 4.13 "Pathname Resolution"]
#include "fs/directory_path.h"
#include "fs/names.h"
#include "unit/cpio_sample.h"
#include "unit/file_tree.h"

#include <gtest/gtest.h>

#include <string>

namespace {

using cpio_sample::member;
using cpio_sample::trailer;
using fake::ArchiveTree;
using kernel::FileKind;
using uapi::Error;

class PathWalk : public ::testing::Test {
protected:
    const std::string bytes_ = member("hello", "first", 0100755) + member("etc", "", 0040700) +
                               member("etc/motd", "second", 0100644) + member("bin/tools/ls", "third", 0100755) +
                               member("binary", "fourth", 0100600) + member("link", "etc/motd", 0120777) +
                               member("up", "..", 0120777) + member("bin/root", "/", 0120777) +
                               member("loop", "loop", 0120777) + member("dangling", "etc/new", 0120777) + trailer();
    ArchiveTree tree_{bytes_};

    std::string at(const std::string& path) { return tree_.at(path); }
    /// From a directory on.
    std::string from(const char* directory, const char* path)
    {
        const auto start = tree_.find(directory);
        kernel::TmpDirectory& root = kernel::tmpfs::root();
        const auto place = kernel::walk(root, **start, path, {}, kernel::path_buffers[0]);
        return place ? fake::contents(*place->inode) : uapi::error_name(static_cast<std::uint64_t>(place.error()));
    }
};

TEST_F(PathWalk, LeadsToFiles)
{
    for (const char* path : {"hello", "/hello", "./hello", "//hello", "etc/../hello", "../../hello", "/./hello",
                             "bin/tools/../../hello"}) {
        EXPECT_EQ(at(path), "first") << path;
    }
    EXPECT_EQ(at("etc//motd"), "second");
    EXPECT_EQ(at("bin/tools/ls"), "third");
}

TEST_F(PathWalk, LeadsToDirectoriesThatTheArchiveNamesOrImplies)
{
    for (const char* path : {"/", ".", "..", "etc", "etc/", "etc/.", "bin", "bin/tools/", "bin/.."}) {
        EXPECT_EQ(at(path), "(directory)") << path;
    }
    EXPECT_EQ((*tree_.find("/"))->number, 1u);
    EXPECT_EQ((*tree_.find("etc"))->permissions, 0700u);
    EXPECT_EQ((*tree_.find("bin"))->permissions, 0755u);
    EXPECT_EQ((*tree_.find("/"))->links, 4u) << "its own two names, and the .. of two directories";
    EXPECT_EQ((*tree_.find("bin"))->links, 3u);
}

TEST_F(PathWalk, GoesOnFromADirectory)
{
    EXPECT_EQ(from("etc", "motd"), "second");
    EXPECT_EQ(from("bin", "tools/ls"), "third");
    EXPECT_EQ(from("bin", "../hello"), "first");
    EXPECT_EQ(from("bin", "/hello"), "first");
    EXPECT_EQ(from("hello", "motd"), "ENOTDIR");
}

TEST_F(PathWalk, FollowsSymbolicLinks)
{
    EXPECT_EQ(at("link"), "second");
    EXPECT_EQ(at("up/up/./link"), "second");
    EXPECT_EQ(at("bin/root/hello"), "first");
    EXPECT_EQ(at("bin/root/bin/root/bin/tools/ls"), "third");
    EXPECT_EQ(at("bin/root/"), "(directory)");
    EXPECT_EQ(at("link/"), "ENOTDIR");
    EXPECT_EQ(at("loop"), "ELOOP");
    EXPECT_EQ(at("loop/x"), "ELOOP");
    EXPECT_EQ(at("dangling"), "ENOENT");
    EXPECT_EQ((*tree_.walk("link", {.follow = false})).inode->kind, FileKind::SymbolicLink);
    EXPECT_EQ((*tree_.walk("bin/root/", {.follow = false})).inode->kind, FileKind::Directory);
    EXPECT_EQ((*tree_.walk("bin/root/", {.follow = false, .as_it_is = true})).inode->kind, FileKind::SymbolicLink);
}

TEST_F(PathWalk, GoesThroughFortyLinks)
{
    std::string path;
    for (unsigned i = 0; i < kernel::kMaximumLinks; ++i) {
        path += "up/";
    }
    EXPECT_EQ(at(path + "hello"), "first");
    EXPECT_EQ(at(path + "up/hello"), "ELOOP");
}

TEST_F(PathWalk, SaysWhereSomethingCouldBe)
{
    const auto place = tree_.walk("etc/new", {.may_miss = true});
    ASSERT_TRUE(place);
    EXPECT_FALSE(place->inode);
    EXPECT_EQ(place->directory.get(), (*tree_.find("etc")).get());
    EXPECT_EQ(std::string(place->name.begin(), place->name.end()), "new");
    const auto behind_link = tree_.walk("dangling", {.may_miss = true});
    ASSERT_TRUE(behind_link && !behind_link->inode);
    EXPECT_EQ(behind_link->directory.get(), place->directory.get());
    EXPECT_EQ(tree_.walk("no/new", {.may_miss = true}).error(), Error::Enoent);
    EXPECT_EQ(tree_.walk("hello/new", {.may_miss = true}).error(), Error::Enotdir);
    for (const char* last : {".", "..", "etc/..", "/"}) {
        EXPECT_FALSE((*tree_.walk(last, {.may_miss = true})).directory) << last;
    }
}

TEST_F(PathWalk, RefusesWhatLeadsNowhere)
{
    EXPECT_EQ(at(""), "ENOENT");
    for (const char* path : {"nothing", "etc/nothing", "nothing/hello", "bi", "binar", "bin/tool", "hell", "helloo"}) {
        EXPECT_EQ(at(path), "ENOENT") << path;
    }
    for (const char* path : {"hello/", "hello/.", "hello/..", "hello/x", "etc/motd/x", "binary/tools"}) {
        EXPECT_EQ(at(path), "ENOTDIR") << path;
    }
    EXPECT_EQ(at(std::string(255, 'a')), "ENOENT");
    EXPECT_EQ(at(std::string(256, 'a')), "ENAMETOOLONG");
    EXPECT_EQ(at(std::string(kernel::kPathMax - 1, '/')), "(directory)");
}

TEST_F(PathWalk, RefusesLinksThatMakeAPathTooLong)
{
    const auto link_to = [&](const char* name, const std::string& target) {
        const auto link = kernel::tmpfs::make_link({target.data(), target.size()});
        const auto place = tree_.walk(name, {.may_miss = true});
        ASSERT_TRUE(link && place && kernel::names::add(*place, **link));
    };
    const std::string slashes(4080, '/');
    link_to("long", slashes + "up");
    link_to("longer", "long" + slashes);
    EXPECT_EQ(at("long/hello"), "first");
    EXPECT_EQ(at("long" + slashes + "hello"), "first");
    EXPECT_EQ(at("longer/hello"), "first");
    EXPECT_EQ(at("longer" + slashes + "hello"), "ENAMETOOLONG") << "three times as much";
}

TEST_F(PathWalk, IsFoundBackwards)
{
    char buffer[kernel::kPathMax];
    const auto path = [&](const char* of) {
        const auto found = tree_.find(of);
        const auto text = kernel::path_of(static_cast<kernel::Directory&>(**found), buffer);
        return std::string(text->begin(), text->end());
    };
    EXPECT_EQ(path("/"), std::string("/\0", 2));
    EXPECT_EQ(path("bin/tools/.."), std::string("/bin\0", 5));
    EXPECT_EQ(path("bin/tools"), std::string("/bin/tools\0", 11));
}

} // namespace
