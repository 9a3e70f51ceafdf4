// SPDX-License-Identifier: MIT
// The memory calls: what each does to pages and areas, and what it refuses.
#include "unit/user_memory_fixture.h"

#include <utility>

namespace {

using namespace fake;
using arch::kPageSize;
using arch::VirtAddr;
using kernel::FaultResult;
using kernel::Protection;
using kernel::UserMemory;
using kernel::VmaKind;
using uapi::Error;
using Placement = UserMemory::Placement;

using UserMemoryCalls = UserMemoryTest;

// ---- mmap and munmap.

TEST_F(UserMemoryCalls, RefuseWhatCannotBeMapped)
{
    const auto error = [&](std::uint64_t address, std::uint64_t length, Placement placement,
                           Protection protection = kReadWrite) {
        const auto mapped = memory_.map({VirtAddr{address}, length, protection, placement});
        return mapped ? Error{} : mapped.error();
    };
    constexpr std::uint64_t kEnd = layout::kUserEnd.value;
    EXPECT_EQ(error(0, 0, Placement::Anywhere), Error::Einval);
    EXPECT_EQ(error(kPlace.value, 0, Placement::Fixed), Error::Einval);
    EXPECT_EQ(error(kPlace.value + 1, kPageSize, Placement::Fixed), Error::Einval);
    EXPECT_EQ(error(kPlace.value + 0x800, kPageSize, Placement::FixedNoReplace), Error::Einval);
    for (const std::uint64_t low : {0x0ull, 0x1000ull, 0xf000ull}) {
        EXPECT_EQ(error(low, kPageSize, Placement::Fixed), Error::Eperm) << low;
        EXPECT_EQ(error(low, 0x2'0000, Placement::Fixed), Error::Eperm) << low;
    }
    for (const std::uint64_t high : {kEnd, kEnd + kPageSize, std::uint64_t{1} << 47, layout::kKernelHalf.value,
                                     layout::kKernelImage.value, ~std::uint64_t{0xfff}}) {
        EXPECT_EQ(error(high, kPageSize, Placement::Fixed), Error::Enomem) << std::hex << high;
    }
    EXPECT_EQ(error(kEnd - kPageSize, 2 * kPageSize, Placement::Fixed), Error::Enomem);
    for (const std::uint64_t length : {~std::uint64_t{0}, std::uint64_t{1} << 63, std::uint64_t{1} << 47,
                                       ~std::uint64_t{0} - 0xfff, std::uint64_t{0} - kPlace.value}) {
        EXPECT_EQ(error(0, length, Placement::Anywhere), Error::Enomem) << std::hex << length;
        EXPECT_EQ(error(kPlace.value, length, Placement::Fixed), Error::Enomem) << std::hex << length;
    }
    EXPECT_EQ(error(0, kPageSize, Placement::Anywhere, kAll), Error::Eacces);
    EXPECT_EQ(error(0, (frames_->total_frames() + 1) * kPageSize, Placement::Anywhere), Error::Enomem)
        << "more than the machine has";
    EXPECT_EQ(memory_.areas().size(), 0u);
    EXPECT_EQ(error(0, std::uint64_t{1} << 40, Placement::Anywhere, kNone), Error{}) << "addresses alone cost nothing";
}

TEST_F(UserMemoryCalls, ReachFromTheLowestToTheHighestUserPage)
{
    map_at(layout::kUserBegin, 1);
    map_at(layout::kUserEnd - kPageSize, 1);
    EXPECT_EQ(write(layout::kUserBegin, 1), FaultResult::Handled);
    EXPECT_EQ(write(layout::kUserEnd - 1, 1), FaultResult::Handled);
}

TEST_F(UserMemoryCalls, ChoosePlacesDownwardsAndFollowFreeHints)
{
    const VirtAddr top = layout::kUserMapTop;
    EXPECT_EQ(*memory_.map({{}, 2 * kPageSize, kReadWrite}), top - 2 * kPageSize);
    EXPECT_EQ(*memory_.map({{}, 1, kReadWrite}), top - 3 * kPageSize);
    EXPECT_EQ(memory_.areas().size(), 1u) << "neighbours that are the same become one";
    EXPECT_EQ(*memory_.map({kPlace, kPageSize, kReadWrite}), kPlace);
    EXPECT_EQ(*memory_.map({kPlace, kPageSize, kReadWrite}), top - 4 * kPageSize) << "taken";
    EXPECT_EQ(*memory_.map({VirtAddr{~std::uint64_t{0}}, kPageSize, kReadWrite}), top - 5 * kPageSize);
    EXPECT_EQ(*memory_.map({layout::kKernelHalf, kPageSize, kReadWrite}), top - 6 * kPageSize);
    ASSERT_TRUE(memory_.unmap(top - 3 * kPageSize, kPageSize));
    EXPECT_EQ(*memory_.map({{}, kPageSize, kReadOnly}), top - 3 * kPageSize) << "the highest gap";
    EXPECT_EQ(memory_.areas().size(), 4u);
}

TEST_F(UserMemoryCalls, ReplaceOnlyWhenAskedTo)
{
    map_at(kPlace, 3);
    EXPECT_EQ(write(kPlace + kPageSize, 1), FaultResult::Handled);
    const auto refused = memory_.map({kPlace + 2 * kPageSize, 2 * kPageSize, kReadWrite, Placement::FixedNoReplace});
    EXPECT_EQ(refused.error(), Error::Eexist);
    EXPECT_EQ(read(kPlace + kPageSize), 1u);
    map_at(kPlace + kPageSize, 1, kReadOnly);
    EXPECT_EQ(read(kPlace + kPageSize), 0u);
    EXPECT_EQ(write(kPlace + kPageSize, 1), FaultResult::NotAllowed);
    EXPECT_EQ(user_frames(), 0u);
    EXPECT_EQ(memory_.areas().size(), 3u);
}

TEST_F(UserMemoryCalls, UnmapTakesPagesOutOfTheMiddle)
{
    map_at(kPlace, 5);
    for (unsigned i = 0; i < 5; ++i) {
        EXPECT_EQ(write(kPlace + i * kPageSize, 1), FaultResult::Handled);
    }
    ASSERT_TRUE(memory_.unmap(kPlace + kPageSize, 2 * kPageSize - 1));
    EXPECT_TRUE(cpu.nothing_is_stale());
    EXPECT_EQ(read(kPlace), 1u);
    EXPECT_EQ(read(kPlace + kPageSize), no(FaultResult::NotMapped));
    EXPECT_EQ(read(kPlace + 2 * kPageSize), no(FaultResult::NotMapped));
    EXPECT_EQ(read(kPlace + 3 * kPageSize), 1u);
    EXPECT_EQ(user_frames(), 3u);
    EXPECT_TRUE(memory_.unmap(kPlace + kPageSize, kPageSize)) << "nothing there is no error";
    ASSERT_TRUE(memory_.unmap(layout::kUserBegin, layout::kUserEnd - layout::kUserBegin));
    EXPECT_EQ(frames_->free_frames(), empty_) << "tables too";
    for (const auto& [address, length] : {std::pair{kPlace.value, std::uint64_t{0}},
                                          {kPlace.value + 1, kPageSize},
                                          {std::uint64_t{0}, kPageSize},
                                          {layout::kUserEnd.value, kPageSize},
                                          {kPlace.value, ~std::uint64_t{0}},
                                          {layout::kKernelHalf.value, kPageSize},
                                          {kPlace.value, std::uint64_t{0} - kPlace.value}}) {
        EXPECT_EQ(memory_.unmap(VirtAddr{address}, length).error(), Error::Einval) << std::hex << address << length;
    }
}

TEST_F(UserMemoryCalls, RefuseMoreAreasThanTheTableHolds)
{
    std::size_t made = 0;
    base::Result<VirtAddr> last;
    do {
        last = memory_.map({kPlace + made * 2 * kPageSize, kPageSize, kReadOnly, Placement::Fixed});
        made += last ? 1 : 0;
    } while (last);
    EXPECT_EQ(last.error(), Error::Enomem);
    EXPECT_GT(made, kernel::VmaSet::kMaximumAreas - 4);
    EXPECT_EQ(memory_.protect(kPlace, kPageSize, kReadWrite).has_value(), true) << "no area more";
    EXPECT_EQ(write(kPlace, 1), FaultResult::Handled);
}

// ---- mprotect.

TEST_F(UserMemoryCalls, ProtectChangesRightsAtOnceAndKeepsContents)
{
    map_at(kPlace, 3);
    EXPECT_EQ(write(kPlace + kPageSize, 1), FaultResult::Handled);
    ASSERT_TRUE(memory_.protect(kPlace + kPageSize, kPageSize, kReadOnly));
    EXPECT_TRUE(cpu.nothing_is_stale());
    EXPECT_EQ(write(kPlace + kPageSize, 2), FaultResult::NotAllowed);
    EXPECT_EQ(read(kPlace + kPageSize), 1u);
    EXPECT_EQ(memory_.areas().size(), 3u);
    ASSERT_TRUE(memory_.protect(kPlace + kPageSize, kPageSize, kNone));
    EXPECT_EQ(read(kPlace + kPageSize), no(FaultResult::NotAllowed));
    EXPECT_FALSE(memory_.space().walk(kPlace + kPageSize, kRead)) << "not for the kernel either";
    ASSERT_TRUE(memory_.protect(kPlace + kPageSize, kPageSize, kReadExecute));
    EXPECT_TRUE(cpu.touch(kPlace + kPageSize, kFetch));
    ASSERT_TRUE(memory_.protect(kPlace, 3 * kPageSize, kReadWrite));
    EXPECT_EQ(memory_.areas().size(), 1u) << "one again";
    EXPECT_EQ(read(kPlace + kPageSize), 1u);
    EXPECT_EQ(write(kPlace + kPageSize, 2), FaultResult::Handled);
    EXPECT_EQ(user_frames(), 1u);
}

TEST_F(UserMemoryCalls, ProtectGivesBackNoWriteRightToASharedFrame)
{
    map_at(kPlace, 1);
    EXPECT_EQ(write(kPlace, 1), FaultResult::Handled);
    UserMemory child = *memory_.fork();
    ASSERT_TRUE(memory_.protect(kPlace, kPageSize, kReadOnly));
    ASSERT_TRUE(memory_.protect(kPlace, kPageSize, kReadWrite));
    EXPECT_EQ(write(kPlace, 2), FaultResult::Handled);
    cpu.run(child, *frames_);
    EXPECT_EQ(read(kPlace), 1u);
    cpu.run(memory_, *frames_);
    child.destroy();
}

TEST_F(UserMemoryCalls, ProtectRefusesAndChangesNothing)
{
    map_at(kPlace, 2);
    map_at(kPlace + 3 * kPageSize, 1);
    EXPECT_EQ(memory_.protect(kPlace + 1, kPageSize, kReadOnly).error(), Error::Einval);
    EXPECT_EQ(memory_.protect(kPlace, 4 * kPageSize, kReadOnly).error(), Error::Enomem) << "a hole";
    EXPECT_EQ(memory_.protect(kPlace + 3 * kPageSize, 2 * kPageSize, kReadOnly).error(), Error::Enomem);
    EXPECT_EQ(memory_.protect(kPlace, ~std::uint64_t{0}, kReadOnly).error(), Error::Enomem);
    EXPECT_EQ(memory_.protect(layout::kKernelHalf, kPageSize, kReadOnly).error(), Error::Enomem);
    EXPECT_EQ(memory_.protect(kPlace, kPageSize, kAll).error(), Error::Eacces);
    EXPECT_TRUE(memory_.protect(kPlace + 2 * kPageSize, 0, kReadOnly)) << "no length, nothing to do";
    EXPECT_EQ(write(kPlace, 1), FaultResult::Handled);
    EXPECT_EQ(write(kPlace + kPageSize, 1), FaultResult::Handled);
}

// ---- mremap.

TEST_F(UserMemoryCalls, RemapGrowsInPlaceMovesAndShrinks)
{
    map_at(kPlace, 2);
    EXPECT_EQ(write(kPlace + kPageSize, 7), FaultResult::Handled);
    EXPECT_EQ(*memory_.remap({kPlace, 2 * kPageSize, 4 * kPageSize}), kPlace);
    EXPECT_EQ(write(kPlace + 3 * kPageSize, 8), FaultResult::Handled);
    map_at(kPlace + 4 * kPageSize, 1);
    EXPECT_EQ(memory_.remap({kPlace, 4 * kPageSize, 5 * kPageSize}).error(), Error::Enomem) << "may not move";
    const VirtAddr moved = *memory_.remap({kPlace, 4 * kPageSize, 5 * kPageSize, true});
    EXPECT_NE(moved, kPlace);
    EXPECT_TRUE(cpu.nothing_is_stale());
    EXPECT_EQ(read(kPlace), no(FaultResult::NotMapped));
    EXPECT_EQ(read(moved + kPageSize), 7u);
    EXPECT_EQ(read(moved + 3 * kPageSize), 8u);
    EXPECT_EQ(write(moved + 4 * kPageSize, 9), FaultResult::Handled);
    EXPECT_EQ(*memory_.remap({moved, 5 * kPageSize, kPageSize}), moved);
    EXPECT_EQ(read(moved + kPageSize), no(FaultResult::NotMapped));
    EXPECT_EQ(user_frames(), 0u) << "the pages that held anything are gone";
}

TEST_F(UserMemoryCalls, RemapToAFixedPlaceReplacesWhatIsThere)
{
    const VirtAddr target{0x7000'0000};
    map_at(kPlace, 2);
    map_at(target, 3);
    EXPECT_EQ(write(kPlace, 1), FaultResult::Handled);
    EXPECT_EQ(write(target + kPageSize, 2), FaultResult::Handled);
    UserMemory::Remap request{kPlace, 2 * kPageSize, 2 * kPageSize, true, true, target};
    EXPECT_EQ(*memory_.remap(request), target);
    EXPECT_EQ(read(target), 1u);
    EXPECT_EQ(read(target + kPageSize), 0u);
    EXPECT_EQ(read(target + 2 * kPageSize), 0u);
    EXPECT_EQ(read(kPlace), no(FaultResult::NotMapped));
    EXPECT_EQ(user_frames(), 1u);
}

TEST_F(UserMemoryCalls, RemapRefuses)
{
    map_at(kPlace, 4);
    map_at(kPlace + 4 * kPageSize, 1, kReadOnly);
    const auto error = [&](const UserMemory::Remap& request) {
        const auto result = memory_.remap(request);
        return result ? Error{} : result.error();
    };
    EXPECT_EQ(error({kPlace + 1, kPageSize, kPageSize}), Error::Einval);
    EXPECT_EQ(error({kPlace, kPageSize, 0}), Error::Einval);
    EXPECT_EQ(error({kPlace, 0, kPageSize, true}), Error::Einval);
    EXPECT_EQ(error({kPlace, kPageSize, kPageSize, false, true, VirtAddr{0x7000'0000}}), Error::Einval);
    EXPECT_EQ(error({kPlace, kPageSize, kPageSize, true, true, VirtAddr{0x7000'0001}}), Error::Einval);
    EXPECT_EQ(error({kPlace, 2 * kPageSize, kPageSize, true, true, kPlace + kPageSize}), Error::Einval) << "overlap";
    EXPECT_EQ(error({kPlace, kPageSize, kPageSize, true, true, layout::kUserEnd}), Error::Einval);
    EXPECT_EQ(error({kPlace, kPageSize, kPageSize, true, true, VirtAddr{}}), Error::Einval);
    EXPECT_EQ(error({kPlace, 5 * kPageSize, 6 * kPageSize, true}), Error::Efault) << "two areas";
    EXPECT_EQ(error({kPlace - kPageSize, kPageSize, kPageSize}), Error::Efault);
    EXPECT_EQ(error({layout::kKernelHalf, kPageSize, kPageSize}), Error::Efault);
    EXPECT_EQ(error({kPlace, ~std::uint64_t{0}, kPageSize}), Error::Einval);
    EXPECT_EQ(error({kPlace, kPageSize, (frames_->total_frames() + 2) * kPageSize, true}), Error::Enomem);
    map_at(VirtAddr{0x7000'0000}, 1, kReadWrite, VmaKind::Shared);
    EXPECT_EQ(error({VirtAddr{0x7000'0000}, kPageSize, 2 * kPageSize, true}), Error::Einval) << "shared";
}

TEST_F(UserMemoryCalls, RemapThatFindsNoFrameMovesNothing)
{
    map_at(kPlace, 2);
    map_at(kPlace + 2 * kPageSize, 1, kReadOnly);
    EXPECT_EQ(write(kPlace, 1), FaultResult::Handled);
    const std::uint64_t before = frames_->free_frames();
    for (std::uint64_t failing = 1; failing <= 3; ++failing) { // the tables at the new place
        frames_->fail_allocation(failing);
        EXPECT_EQ(memory_.remap({kPlace, 2 * kPageSize, 3 * kPageSize, true}).error(), Error::Enomem) << failing;
        EXPECT_EQ(frames_->free_frames(), before) << failing;
        EXPECT_EQ(read(kPlace), 1u);
    }
}

// ---- brk and madvise.

TEST_F(UserMemoryCalls, BreakMovesInBothDirectionsAndSaysWhereItIs)
{
    memory_.start_break(kPlace);
    EXPECT_EQ(memory_.set_break(VirtAddr{}), kPlace);
    EXPECT_EQ(memory_.set_break(kPlace + 1), kPlace + 1);
    EXPECT_EQ(write(kPlace + kPageSize - 1, 1), FaultResult::Handled);
    EXPECT_EQ(read(kPlace + kPageSize), no(FaultResult::NotMapped));
    EXPECT_EQ(memory_.set_break(kPlace + 10 * kPageSize), kPlace + 10 * kPageSize);
    EXPECT_EQ(memory_.areas().size(), 1u);
    EXPECT_EQ(write(kPlace + 9 * kPageSize, 1), FaultResult::Handled);
    EXPECT_EQ(memory_.set_break(kPlace + kPageSize), kPlace + kPageSize);
    EXPECT_EQ(user_frames(), 1u);
    EXPECT_EQ(memory_.set_break(kPlace + 10 * kPageSize), kPlace + 10 * kPageSize);
    EXPECT_EQ(read(kPlace + 9 * kPageSize), 0u) << "not what was there before";
    for (const std::uint64_t bad :
         {kPlace.value - 1, layout::kUserEnd.value, layout::kUserEnd.value + 1, layout::kKernelHalf.value,
          ~std::uint64_t{0}, kPlace.value + (frames_->total_frames() + 20) * kPageSize}) {
        EXPECT_EQ(memory_.set_break(VirtAddr{bad}), kPlace + 10 * kPageSize) << std::hex << bad;
    }
    map_at(kPlace + 400 * kPageSize, 1);
    EXPECT_EQ(memory_.set_break(kPlace + 200 * kPageSize), kPlace + 10 * kPageSize) << "too near to the next area";
    EXPECT_EQ(memory_.set_break(kPlace + 144 * kPageSize), kPlace + 144 * kPageSize);
    EXPECT_EQ(memory_.set_break(kPlace), kPlace);
    EXPECT_EQ(user_frames(), 0u);
}

TEST_F(UserMemoryCalls, DiscardMakesPrivatePagesFreshAgain)
{
    map_at(kPlace, 2);
    map_at(kPlace + 2 * kPageSize, 1, kReadWrite, VmaKind::Shared);
    for (unsigned i = 0; i < 3; ++i) {
        EXPECT_EQ(write(kPlace + i * kPageSize, 1), FaultResult::Handled);
    }
    ASSERT_TRUE(memory_.discard(kPlace + kPageSize, 2 * kPageSize));
    EXPECT_TRUE(cpu.nothing_is_stale());
    EXPECT_EQ(read(kPlace), 1u);
    EXPECT_EQ(read(kPlace + kPageSize), 0u);
    EXPECT_EQ(read(kPlace + 2 * kPageSize), 1u) << "shared contents are nowhere else";
    EXPECT_TRUE(memory_.discard(kPlace, 0));
    EXPECT_EQ(memory_.discard(kPlace + 1, kPageSize).error(), Error::Einval);
    EXPECT_EQ(memory_.discard(kPlace, ~std::uint64_t{0}).error(), Error::Einval);
    EXPECT_EQ(memory_.discard(kPlace, 4 * kPageSize).error(), Error::Enomem) << "a hole";
    EXPECT_EQ(read(kPlace), 0u) << "what is mapped was dropped all the same";
}

} // namespace
