// SPDX-License-Identifier: MIT
// Property: whatever is done to files, in whatever order, tmpfs says and keeps what the file system of this machine
// says and keeps; and when everything is removed, every page and every name is back.
#include "fs/file_space.h"
#include "fs/names.h"
#include "fs/open_file.h"
#include "support/temporary_folder.h"
#include "unit/file_tree.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <random>
#include <string>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

namespace {

using kernel::InodeRef;
using kernel::Walk;

constexpr Walk kAsItIs{.follow = false, .may_miss = true, .as_it_is = true};

/// Where the real file system does the same.
class Host {
public:
    Host() { file_descriptor_ = ::open(folder_.path().c_str(), O_RDONLY | O_DIRECTORY); }
    ~Host() { ::close(file_descriptor_); }
    Host(const Host&) = delete;
    Host& operator=(const Host&) = delete;
    int at() const { return file_descriptor_; }

private:
    support::TemporaryFolder folder_;
    int file_descriptor_ = -1;
};

std::string error_of(int result)
{
    return result < 0 ? strerrorname_np(errno) : "";
}

template <typename T> std::string error_of(const base::Result<T>& result)
{
    return result ? "" : uapi::error_name(static_cast<std::uint64_t>(result.error()));
}

class TmpfsModel : public ::testing::Test {
protected:
    std::mt19937 random_{7};
    Host host_;
    fake::FileTree tree_;

    unsigned below(unsigned limit) { return static_cast<unsigned>(random_()) % limit; }
    /// One to three components of few, so that they meet.
    std::string path()
    {
        static const char* const kNames[] = {"a", "b", "c", "d"};
        std::string text = kNames[below(4)];
        for (unsigned more = below(3); more > 0; --more) {
            text += std::string("/") + kNames[below(4)];
        }
        return text + (below(12) == 0 ? "/" : "");
    }

    std::string make_directory(const std::string& path)
    {
        auto place = tree_.walk(path, kAsItIs);
        const auto can = place ? kernel::names::can_make(*place, true) : base::fail(place.error());
        if (!can) {
            return error_of(can);
        }
        const auto made = kernel::tmpfs::make_directory(0755, *place->parent().changeable());
        return error_of(kernel::names::add(*place, **made));
    }
    std::string make_link(const std::string& target, const std::string& path)
    {
        auto place = tree_.walk(path, kAsItIs);
        const auto can = place ? kernel::names::can_make(*place, false) : base::fail(place.error());
        if (!can) {
            return error_of(can);
        }
        const auto made = kernel::tmpfs::make_link({target.data(), target.size()});
        return error_of(kernel::names::add(*place, **made));
    }
    template <typename Change> std::string change(const std::string& path, Change how)
    {
        auto place = tree_.walk(path, kAsItIs);
        return place ? error_of(how(*place)) : error_of(place);
    }
    std::string rename(const std::string& from, const std::string& to)
    {
        auto source = tree_.walk(from, kAsItIs, 0);
        if (!source) {
            return error_of(source);
        }
        auto target = tree_.walk(to, kAsItIs, 1);
        return target ? error_of(kernel::names::rename(*source, *target, true)) : error_of(target);
    }
    std::string link(const std::string& from, const std::string& to)
    {
        auto source = tree_.walk(from, {.follow = false}, 0);
        if (!source) {
            return error_of(source);
        }
        auto target = tree_.walk(to, kAsItIs, 1);
        return target ? error_of(kernel::names::link(*source->inode, *target)) : error_of(target);
    }

    /// Writes to, or cuts, the file at `path`, made where there is none; both then have to hold the same.
    void change_file(const std::string& path)
    {
        const int descriptor = openat(host_.at(), path.c_str(), O_RDWR | O_CREAT, 0644);
        const std::string expected = error_of(descriptor);
        auto place = tree_.walk(path, {.may_miss = true, .for_file = true});
        std::string actual = error_of(place);
        if (place && !place->inode) {
            place->inode = *kernel::tmpfs::make_file(0644);
            actual = error_of(kernel::names::add(*place, *place->inode));
        } else if (place && place->inode->kind == kernel::FileKind::Directory) {
            actual = "EISDIR";
        }
        ASSERT_EQ(actual, expected) << "open " << path;
        if (descriptor < 0) {
            return;
        }
        kernel::OpenFile file;
        const std::uint64_t offset = below(20'000);
        if (below(3) == 0) {
            ASSERT_EQ(ftruncate(descriptor, static_cast<off_t>(offset)), 0);
            ASSERT_TRUE(place->inode->truncate(offset));
        } else {
            std::vector<std::uint8_t> bytes(1 + below(9'000), static_cast<std::uint8_t>(1 + below(255)));
            ASSERT_EQ(pwrite(descriptor, bytes.data(), bytes.size(), static_cast<off_t>(offset)),
                      static_cast<ssize_t>(bytes.size()));
            const arch::VirtAddr from{reinterpret_cast<std::uint64_t>(bytes.data())};
            ASSERT_EQ(place->inode->write(file, from, bytes.size(), offset), bytes.size());
        }
        compare(*place->inode, descriptor, file);
        ::close(descriptor);
    }
    void compare(kernel::Inode& inode, int descriptor, kernel::OpenFile& file)
    {
        struct stat status{};
        ASSERT_EQ(fstat(descriptor, &status), 0);
        ASSERT_EQ(inode.size(), static_cast<std::uint64_t>(status.st_size));
        ASSERT_EQ(inode.links, status.st_nlink);
        std::vector<std::uint8_t> expected(inode.size() + 1), actual(inode.size() + 1);
        const arch::VirtAddr to{reinterpret_cast<std::uint64_t>(actual.data())};
        ASSERT_EQ(pread(descriptor, expected.data(), expected.size(), 0), status.st_size);
        ASSERT_EQ(inode.read(file, to, actual.size(), 0), inode.size());
        ASSERT_EQ(actual, expected);
    }

    void step()
    {
        const std::string a = path(), b = path();
        const int at = host_.at();
        switch (below(8)) {
        case 0: ASSERT_EQ(make_directory(a), error_of(mkdirat(at, a.c_str(), 0755))) << "mkdir " << a; return;
        case 1:
            ASSERT_EQ(change(a, kernel::names::remove_directory), error_of(unlinkat(at, a.c_str(), AT_REMOVEDIR)))
                << "rmdir " << a;
            return;
        case 2:
            ASSERT_EQ(change(a, kernel::names::unlink), error_of(unlinkat(at, a.c_str(), 0))) << "unlink " << a;
            return;
        case 3: ASSERT_EQ(rename(a, b), error_of(renameat(at, a.c_str(), at, b.c_str()))) << a << " to " << b; return;
        case 4: ASSERT_EQ(link(a, b), error_of(linkat(at, a.c_str(), at, b.c_str(), 0))) << b << " for " << a; return;
        case 5: ASSERT_EQ(make_link(a, b), error_of(symlinkat(a.c_str(), at, b.c_str()))) << b << " -> " << a; return;
        default: ASSERT_NO_FATAL_FAILURE(change_file(a)); return;
        }
    }
};

/// Takes out all that is in a directory.
void empty(fake::FileTree& tree, const std::string& folder)
{
    struct Names final : kernel::EntrySink {
        std::vector<std::pair<std::string, kernel::FileKind>> all;
        bool take(base::StringView name, std::uint64_t, kernel::FileKind kind, std::uint64_t) override
        {
            all.emplace_back(std::string(name.begin(), name.end()), kind);
            return true;
        }
    } names;
    kernel::OpenFile file;
    static_cast<kernel::Directory&>(**tree.find(folder)).list(file, names);
    for (const auto& [name, kind] : names.all) {
        if (name == "." || name == "..") {
            continue;
        }
        const std::string path = folder + name;
        if (kind == kernel::FileKind::Directory) {
            empty(tree, path + "/");
            EXPECT_TRUE(kernel::names::remove_directory(*tree.walk(path, kAsItIs)));
        } else {
            EXPECT_TRUE(kernel::names::unlink(*tree.walk(path, kAsItIs)));
        }
    }
}

TEST_F(TmpfsModel, DoesWhatTheHostDoes)
{
    const std::uint64_t free = tree_.frames->free_frames();
    for (unsigned i = 0; i < 20'000 && !HasFatalFailure(); ++i) {
        step();
    }
    empty(tree_, "/");
    EXPECT_EQ(kernel::file_space.pages(), 0u);
    EXPECT_EQ(kernel::file_space.names(), 0u);
    EXPECT_EQ(tree_.frames->free_frames(), free);
}

/// Or one file would take all memory with one byte here and there.
TEST_F(TmpfsModel, CountsTheTablesOfAFileWithHoles)
{
    const InodeRef file = *kernel::tmpfs::make_file(0644);
    kernel::OpenFile open;
    const std::uint8_t byte = 1;
    const arch::VirtAddr from{reinterpret_cast<std::uint64_t>(&byte)};
    constexpr std::uint64_t kFar = std::uint64_t{1} << 40, kTables = 4; // page 2^28, 2^9 words in a table
    EXPECT_EQ(file->write(open, from, 1, 0), 1u);
    EXPECT_EQ(kernel::file_space.pages(), 1u) << "a file of one page has no table";
    EXPECT_EQ(file->write(open, from, 1, kFar), 1u);
    EXPECT_EQ(kernel::file_space.pages(), 2 + 2 * kTables - 1) << "both pages have tables of their own below the first";
    EXPECT_TRUE(file->truncate(kFar));
    EXPECT_TRUE(file->truncate(0));
    EXPECT_EQ(kernel::file_space.pages(), 0u);
}

TEST_F(TmpfsModel, IsFullWithoutLosingAnything)
{
    const InodeRef file = *kernel::tmpfs::make_file(0644);
    kernel::OpenFile open;
    const std::vector<std::uint8_t> page(arch::kPageSize, 1);
    const arch::VirtAddr from{reinterpret_cast<std::uint64_t>(page.data())};
    std::uint64_t size = 0;
    for (;;) {
        const auto written = file->write(open, from, page.size(), size);
        if (!written) {
            EXPECT_EQ(written.error(), uapi::Error::Enospc);
            break;
        }
        size += *written;
    }
    // Every page is the file's, or one of the tables that lead to its pages.
    EXPECT_EQ(kernel::file_space.pages(), kernel::file_space.page_limit());
    EXPECT_GT(size, kernel::file_space.page_limit() * 63 / 64 * arch::kPageSize);
    EXPECT_EQ(file->size(), size);
    EXPECT_EQ(file->write(open, from, 10, 5), 10u) << "a page that is there";
    EXPECT_TRUE(file->truncate(size - 1));
    EXPECT_TRUE(file->truncate(0));
    EXPECT_EQ(kernel::file_space.pages(), 0u);
}

/// What fallocate(2) does in one call has no limit but the memory: each 16 MiB, others may run.
TEST(Tmpfs, LetsOthersRunWhileItReservesMuch)
{
    constexpr std::uint64_t kAtOnce = std::uint64_t{16} << 20;
    const fake::FileTree tree{26'000};
    const InodeRef file = *kernel::tmpfs::make_file(0644);
    fake::pauses = 0;
    fake::allowed_pauses = 100;
    EXPECT_TRUE(file->reserve(0, kAtOnce, false));
    EXPECT_EQ(fake::pauses, 0u);
    EXPECT_TRUE(file->reserve(kAtOnce, 2 * kAtOnce - 1, false));
    EXPECT_EQ(fake::pauses, 1u);
    EXPECT_EQ(file->size(), 3 * kAtOnce - 1);
    fake::allowed_pauses = 2;
    const auto ended = file->reserve(0, 3 * kAtOnce, false);
    ASSERT_FALSE(ended);
    EXPECT_EQ(ended.error(), uapi::Error::Eintr);
    EXPECT_EQ(file->size(), 3 * kAtOnce - 1) << "a part has been made, and the size stays";
    EXPECT_TRUE(file->truncate(0));
    EXPECT_EQ(kernel::file_space.pages(), 0u);
}

/// Or what fallocate(2) has reserved behind the end would be there as long as the file.
TEST_F(TmpfsModel, GivesBackWhatIsReservedBehindTheEnd)
{
    const InodeRef file = *kernel::tmpfs::make_file(0644);
    kernel::OpenFile open;
    const std::uint8_t byte = 1;
    const arch::VirtAddr from{reinterpret_cast<std::uint64_t>(&byte)};
    for (const std::uint64_t size : {std::uint64_t{0}, std::uint64_t{1}, arch::kPageSize}) {
        ASSERT_TRUE(size == 0 || file->write(open, from, 1, size - 1));
        EXPECT_TRUE(file->reserve(0, 16 * arch::kPageSize, true));
        EXPECT_EQ(kernel::file_space.pages(), 17u) << "and a table";
        EXPECT_TRUE(file->truncate(size));
        EXPECT_EQ(file->size(), size);
        EXPECT_EQ(kernel::file_space.pages(), size == 0 ? 0u : 2u);
    }
}

TEST_F(TmpfsModel, RemovesAChainOfHeldDirectoriesWithoutRecursion)
{
    const std::uint64_t free = tree_.frames->free_frames();
    InodeRef deepest(kernel::tmpfs::root());
    std::vector<kernel::Entry*> entries;
    for (unsigned depth = 0; depth < 500; ++depth) {
        auto& above = static_cast<kernel::TmpDirectory&>(*deepest);
        InodeRef made = *kernel::tmpfs::make_directory(0755, above);
        ASSERT_TRUE(above.add("d", *made));
        entries.push_back(kernel::name_table.find(above, "d"));
        deepest = std::move(made);
    }
    for (auto entry = entries.rbegin(); entry != entries.rend(); ++entry) {
        (*entry)->directory->remove(**entry);
    }
    deepest.reset();
    EXPECT_EQ(tree_.frames->free_frames(), free);
}

} // namespace
