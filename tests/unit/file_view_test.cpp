// SPDX-License-Identifier: MIT
// Property: a private view of a file shows the file's bytes, whatever is cut, moved or grown, and behind the file's
// last page there is nothing.  [mmap(2)]
#include "unit/file_tree.h"
#include "unit/user_memory_fixture.h"

#include <optional>
#include <vector>

namespace {

using namespace fake;
using arch::kPageSize;
using kernel::FaultResult;
using kernel::UserMemory;
using kernel::VmaKind;

/// No two pages alike, and no byte 0.
std::vector<std::uint8_t> bytes_of_a_file(std::size_t size)
{
    std::vector<std::uint8_t> bytes(size);
    for (std::size_t i = 0; i < size; ++i) {
        bytes[i] = static_cast<std::uint8_t>(1 + (i * 7 + i / kPageSize) % 255);
    }
    return bytes;
}

class FileViews : public UserMemoryTest {
protected:
    bool map_file(std::uint64_t pages, base::Bytes bytes)
    {
        file_.emplace(bytes, &*frames_);
        return memory_
            .map({.address = kPlace,
                  .length = pages * kPageSize,
                  .protection = kReadWrite,
                  .placement = UserMemory::Placement::Fixed,
                  .kind = VmaKind::File,
                  .file = &*file_})
            .has_value();
    }

    std::optional<ByteFile> file_; ///< as long as the memory
};

TEST_F(FileViews, HoldTheBytesAndNothingBehindItsLastPage)
{
    const auto file = bytes_of_a_file(kPageSize + 100);
    ASSERT_TRUE(map_file(4, {file.data(), file.size()}));
    EXPECT_EQ(read(kPlace), file[0]);
    EXPECT_EQ(read(kPlace + kPageSize + 99), file[kPageSize + 99]);
    EXPECT_EQ(read(kPlace + kPageSize + 100), 0u) << "the rest of the last page";
    EXPECT_EQ(read(kPlace + 2 * kPageSize), no(FaultResult::BehindFile));
    EXPECT_EQ(write(kPlace + 3 * kPageSize, 1), FaultResult::BehindFile);
    EXPECT_EQ(read(kPlace + 4 * kPageSize), no(FaultResult::NotMapped));
    EXPECT_EQ(user_frames(), 2u) << "no frame for what is not there";
    EXPECT_FALSE(memory_.populate(kPlace + 2 * kPageSize, fake::kRead));
}

TEST_F(FileViews, ThatAreCutShowTheSameBytesInEachPart)
{
    const auto file = bytes_of_a_file(6 * kPageSize);
    ASSERT_TRUE(map_file(6, {file.data(), file.size()}));
    ASSERT_TRUE(memory_.unmap(kPlace + 2 * kPageSize, kPageSize));
    ASSERT_TRUE(memory_.protect(kPlace + 4 * kPageSize, kPageSize, kReadOnly));
    for (const std::uint64_t page : {0u, 1u, 3u, 4u, 5u}) {
        EXPECT_EQ(read(kPlace + page * kPageSize + page), file[page * kPageSize + page]) << page;
    }
    EXPECT_EQ(read(kPlace + 2 * kPageSize), no(FaultResult::NotMapped));
}

TEST_F(FileViews, ThatGrowShowMoreOfTheFile)
{
    const auto file = bytes_of_a_file(3 * kPageSize);
    ASSERT_TRUE(map_file(2, {file.data(), file.size()}));
    ASSERT_EQ(memory_.remap({.address = kPlace, .old_length = 2 * kPageSize, .new_length = 4 * kPageSize}), kPlace);
    EXPECT_EQ(read(kPlace + 2 * kPageSize), file[2 * kPageSize]);
    EXPECT_EQ(read(kPlace + 3 * kPageSize), no(FaultResult::BehindFile));
    map_at(kPlace + 4 * kPageSize, 1); // in the way
    const auto moved = memory_.remap(
        {.address = kPlace + kPageSize, .old_length = kPageSize, .new_length = 3 * kPageSize, .may_move = true});
    ASSERT_TRUE(moved);
    EXPECT_EQ(read(*moved), file[kPageSize]);
    EXPECT_EQ(read(*moved + kPageSize), file[2 * kPageSize]);
    EXPECT_EQ(read(*moved + 2 * kPageSize), no(FaultResult::BehindFile));
}

TEST_F(FileViews, ThatWereWrittenAreFreshWhenDiscarded)
{
    const auto file = bytes_of_a_file(kPageSize);
    ASSERT_TRUE(map_file(1, {file.data(), file.size()}));
    EXPECT_EQ(write(kPlace, static_cast<std::uint8_t>(~file[0])), FaultResult::Handled);
    EXPECT_EQ(read(kPlace), static_cast<std::uint8_t>(~file[0]));
    ASSERT_TRUE(memory_.discard(kPlace, kPageSize));
    EXPECT_EQ(read(kPlace), file[0]);
}

} // namespace
