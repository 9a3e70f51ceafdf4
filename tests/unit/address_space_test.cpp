// SPDX-License-Identifier: MIT
// Address spaces: what is refused, what the tables say afterwards, and that every frame comes back.
#include "layout/address_map.h"
#include "mm/address_space.h"
#include "mm/kernel_pages.h"
#include "mm/page_walk.h"
#include "mm/unmap_batch.h"
#include "unit/fake_cpu.h"
#include "unit/fake_kernel.h"

#include <gtest/gtest.h>

#include <vector>

namespace {

using arch::kPageSize;
using arch::PageEntry;
using arch::PhysAddr;
using arch::VirtAddr;
using kernel::Access;
using kernel::AddressSpace;
using kernel::PageRights;
using uapi::Error;

constexpr PageRights kRead{}, kReadWrite{.write = true}, kReadExecute{.execute = true},
    kAll{.write = true, .execute = true};

/// A kernel root with all 256 top-level entries of its half, as boot.S leaves it, and one space made from it.
class AddressSpaces : public ::testing::Test {
protected:
    static constexpr std::uint64_t kFrames = 400;

    AddressSpaces()
    {
        kernel_root_ = *frames_->allocate_zeroed();
        for (unsigned index = 256; index < 512; ++index) {
            table(kernel_root_)[index] = PageEntry(*frames_->allocate_zeroed(), 0x3);
        }
        // The kernel root's lower half must not be copied.
        table(kernel_root_)[3] = PageEntry(PhysAddr{0x9000}, 0x3);
        baseline_ = frames_->free_frames();
        space_ = *AddressSpace::create(*frames_, kernel_root_);
        fake::cpu.stop();
        fake::cpu.invalidated.clear();
        fake::cpu.reloads = 0;
    }

    PageEntry* table(PhysAddr address) { return frames_->window().at<PageEntry>(address); }
    auto walk(PhysAddr root, VirtAddr address, Access access)
    {
        return kernel::walk(frames_->window(), root, address, access);
    }
    bool can(VirtAddr address, Access access) { return walk(space_.root(), address, access).has_value(); }
    PhysAddr frame() { return *frames_->allocate(); }

    fake::Frames frames_{kFrames};
    PhysAddr kernel_root_;
    std::uint64_t baseline_ = 0;
    AddressSpace space_;
};

TEST_F(AddressSpaces, ShareTheUpperHalfAndStartWithAnEmptyLowerHalf)
{
    EXPECT_EQ(frames_->free_frames(), baseline_ - 1);
    for (unsigned index = 0; index < 256; ++index) {
        EXPECT_EQ(table(space_.root())[index].raw(), 0u) << index;
    }
    for (unsigned index = 256; index < 512; ++index) {
        EXPECT_EQ(table(space_.root())[index], table(kernel_root_)[index]) << index;
    }
}

TEST_F(AddressSpaces, MapAPageWithExactlyTheRightsAsked)
{
    const VirtAddr page{0x40'0000};
    for (const PageRights rights : {kRead, kReadWrite, kReadExecute}) {
        const PhysAddr target = frame();
        ASSERT_TRUE(space_.map(page, target, rights));
        const auto translation = walk(space_.root(), page + 0x123, {.user = true});
        ASSERT_TRUE(translation);
        EXPECT_EQ(translation->address, target + 0x123);
        EXPECT_EQ(can(page, {.write = true, .user = true}), rights.write);
        EXPECT_EQ(can(page, {.user = true, .fetch = true}), rights.execute);
        EXPECT_EQ(can(page, {.write = true}), rights.write) << "ring 0 obeys too";
        space_.unmap(page, page + kPageSize);
    }
}

TEST_F(AddressSpaces, HaveKnownWordsInTheirTables)
{
    const PhysAddr target = frame();
    ASSERT_TRUE(space_.map(VirtAddr{0x7123'4567'8000}, target, kReadWrite));
    const PageEntry top = table(space_.root())[0xe2];
    const PageEntry upper = table(top.frame())[0x8d];
    const PageEntry directory = table(upper.frame())[0x2b];
    const PageEntry leaf = table(directory.frame())[0x78];
    for (const PageEntry entry : {top, upper, directory}) {
        EXPECT_EQ(entry.raw() & 0xfff0'0000'0000'0fff, 0x7u);
    }
    EXPECT_EQ(leaf.raw(), target.value | 0x8000'0000'0000'0007);
    ASSERT_TRUE(space_.map(VirtAddr{0x7123'4567'9000}, frame(), kRead));
    EXPECT_EQ(table(directory.frame())[0x79].raw() & 0xfff0'0000'0000'0fff, 0x8000'0000'0000'0005u);
    ASSERT_TRUE(space_.map(VirtAddr{0x7123'4567'a000}, frame(), kReadExecute));
    EXPECT_EQ(table(directory.frame())[0x7a].raw() & 0xfff0'0000'0000'0fff, 0x5u);
}

TEST_F(AddressSpaces, RefuseWritableAndExecutable)
{
    EXPECT_EQ(space_.map(VirtAddr{0x40'0000}, frame(), kAll).error(), Error::Eacces);
    EXPECT_FALSE(can(VirtAddr{0x40'0000}, {}));
    EXPECT_EQ(kernel::map_kernel_page(*frames_, kernel_root_, layout::kKernelStacks, frame(), kAll).error(),
              Error::Eacces);
}

TEST_F(AddressSpaces, RefuseEveryPageOutsideTheUsersHalf)
{
    const PhysAddr target = frame();
    for (const std::uint64_t page :
         {std::uint64_t{0}, std::uint64_t{0xf000}, layout::kUserEnd.value, std::uint64_t{0x7fff'ffff'f000},
          std::uint64_t{0x8000'0000'0000}, std::uint64_t{0xffff'7fff'ffff'f000}, layout::kKernelHalf.value,
          layout::kKernelImage.value, std::uint64_t{0xffff'ffff'ffff'f000}, std::uint64_t{0x40'0001},
          std::uint64_t{0x40'0800}}) {
        EXPECT_EQ(space_.map(VirtAddr{page}, target, kRead).error(), Error::Einval) << std::hex << page;
    }
    EXPECT_EQ(frames_->free_frames(), baseline_ - 2) << "no table was made";
    EXPECT_TRUE(space_.map(layout::kUserBegin, target, kRead));
    EXPECT_TRUE(space_.map(layout::kUserEnd - kPageSize, frame(), kRead));
}

TEST_F(AddressSpaces, RefuseAPageThatIsThereAndKeepIt)
{
    const PhysAddr first = frame();
    ASSERT_TRUE(space_.map(VirtAddr{0x40'0000}, first, kRead));
    EXPECT_EQ(space_.map(VirtAddr{0x40'0000}, frame(), kReadWrite).error(), Error::Eexist);
    EXPECT_EQ(walk(space_.root(), VirtAddr{0x40'0000}, {})->address, first);
}

TEST_F(AddressSpaces, UnmapFreesFramesAndTablesAndForgetsTheTranslations)
{
    const PhysAddr shared = frame();
    frames_->share(shared);
    ASSERT_TRUE(space_.map(VirtAddr{0x40'0000}, shared, kRead));
    ASSERT_TRUE(space_.map(VirtAddr{0x40'2000}, frame(), kRead));
    ASSERT_TRUE(space_.map(VirtAddr{0x40'3000}, frame(), kRead));
    EXPECT_TRUE(fake::cpu.invalidated.empty());
    EXPECT_EQ(space_.tables(), 4u);
    fake::cpu.root = space_.root();
    space_.unmap(VirtAddr{0x3f'f000}, VirtAddr{0x40'3000});
    EXPECT_EQ(fake::cpu.invalidated, (std::vector{VirtAddr{0x40'0000}, VirtAddr{0x40'2000}}));
    EXPECT_FALSE(can(VirtAddr{0x40'0000}, {}));
    EXPECT_TRUE(can(VirtAddr{0x40'3000}, {}));
    EXPECT_EQ(frames_->holders(shared), 1u);
    EXPECT_EQ(space_.pages(), 1u);
    EXPECT_EQ(space_.tables(), 4u) << "the table is still in use";
    space_.unmap(VirtAddr{0x40'0000}, VirtAddr{0x40'4000});
    EXPECT_EQ(space_.tables(), 1u) << "only the PML4 is left";
    EXPECT_EQ(frames_->free_frames(), baseline_ - 2) << "the root and the shared frame";
    space_.unmap(layout::kUserBegin, layout::kUserEnd); // nothing is there
    frames_->free(shared);
}

TEST_F(AddressSpaces, LoadCr3InsteadOfManyInvlpg)
{
    constexpr unsigned kMost = kernel::UnmapBatch::kReloadAbove;
    fake::cpu.root = space_.root();
    for (const unsigned pages : {kMost, kMost + 1, 3 * kMost}) {
        const VirtAddr begin{0x40'0000};
        for (unsigned i = 0; i < pages; ++i) {
            ASSERT_TRUE(space_.map(begin + i * kPageSize, frame(), kReadWrite));
        }
        fake::cpu.invalidated.clear();
        fake::cpu.reloads = 0;
        space_.unmap(begin, begin + pages * kPageSize);
        // Behind the pages themselves, the three tables above them.
        EXPECT_EQ(fake::cpu.invalidated.size(), 0u) << pages;
        EXPECT_EQ(fake::cpu.reloads, 1u) << pages;
    }
    ASSERT_TRUE(space_.map(VirtAddr{0x40'0000}, frame(), kReadWrite));
    fake::cpu.reloads = 0;
    space_.unmap(VirtAddr{0x40'0000}, VirtAddr{0x40'1000});
    EXPECT_EQ(fake::cpu.invalidated.size(), 4u);
    EXPECT_EQ(fake::cpu.reloads, 0u);
}

TEST_F(AddressSpaces, InvalidateNothingWhenTheCpuRunsUnderOtherTables)
{
    ASSERT_TRUE(space_.map(VirtAddr{0x40'0000}, frame(), kReadWrite));
    fake::cpu.root = kernel_root_;
    space_.protect(VirtAddr{0x40'0000}, VirtAddr{0x40'1000}, true, kRead, false);
    space_.unmap(VirtAddr{0x40'0000}, VirtAddr{0x40'1000});
    EXPECT_TRUE(fake::cpu.invalidated.empty());
    EXPECT_EQ(fake::cpu.reloads, 0u);
}

TEST_F(AddressSpaces, FreeTheirTablesWithTheLastPageOfEach)
{
    const std::uint64_t pages[] = {0x1'0000,    0x40'0000,      0x40'1000,      0x60'0000,
                                   0x4000'0000, 0x7f'ffff'f000, 0x80'0000'0000, 0x7fff'fffe'f000};
    for (const std::uint64_t page : pages) {
        ASSERT_TRUE(space_.map(VirtAddr{page}, frame(), kReadWrite)) << std::hex << page;
    }
    space_.unmap(layout::kUserBegin, layout::kUserEnd);
    EXPECT_EQ(space_.tables(), 1u);
    EXPECT_EQ(frames_->free_frames(), baseline_ - 1);
    space_.destroy();
    EXPECT_EQ(frames_->free_frames(), baseline_);
    EXPECT_EQ(space_.root(), PhysAddr{});
    EXPECT_EQ(table(kernel_root_)[256].raw() & 0xfff, 0x3u);
    space_.destroy(); // nothing is left to do
    EXPECT_EQ(frames_->free_frames(), baseline_);
}

TEST_F(AddressSpaces, AreNotDestroyedWhileAPageIsMapped)
{
    ASSERT_TRUE(space_.map(VirtAddr{0x40'0000}, frame(), kRead));
    EXPECT_DEATH(space_.destroy(), "assertion failed: pages_");
}

TEST_F(AddressSpaces, MovingLeavesOneOwner)
{
    ASSERT_TRUE(space_.map(VirtAddr{0x40'0000}, frame(), kRead));
    const PhysAddr root = space_.root();
    AddressSpace moved(std::move(space_));
    EXPECT_EQ(moved.root(), root);
    EXPECT_EQ(space_.root(), PhysAddr{});
    space_ = std::move(moved);
    EXPECT_EQ(space_.root(), root);
    moved.destroy();
    EXPECT_TRUE(can(VirtAddr{0x40'0000}, {}));
    space_.unmap(VirtAddr{0x40'0000}, VirtAddr{0x40'1000});
    space_.destroy();
    EXPECT_EQ(frames_->free_frames(), baseline_);
    AddressSpace other = *AddressSpace::create(*frames_, kernel_root_);
    space_ = *AddressSpace::create(*frames_, kernel_root_);
    EXPECT_DEATH(space_ = std::move(other), "assertion failed: root_");
    other.destroy();
}

TEST_F(AddressSpaces, LeakNothingWhicheverAllocationFails)
{
    space_.destroy();
    // What the sequence below needs: a root, four pages, and the tables 3 + 1 + 2 + 3 on the way to them.
    constexpr std::uint64_t kNeeded = 1 + 4 + 9;
    std::vector<PhysAddr> held;
    while (frames_->free_frames() > 0) {
        held.push_back(frame());
    }
    for (std::uint64_t available = 0; available <= kNeeded; ++available) {
        for (std::uint64_t i = 0; i < available; ++i) {
            frames_->free(held[i]);
        }
        auto space = AddressSpace::create(*frames_, kernel_root_);
        ASSERT_EQ(space.has_value(), available >= 1);
        bool complete = space.has_value();
        for (const std::uint64_t page : {0x40'0000ull, 0x60'0000ull, 0x4000'0000ull, 0x80'0000'0000ull}) {
            if (!complete) {
                break;
            }
            const auto target = frames_->allocate();
            const auto mapped = target ? space->map(VirtAddr{page}, *target, kRead) : base::fail(Error::Enomem);
            if (!mapped) {
                EXPECT_EQ(mapped.error(), Error::Enomem);
                if (target) {
                    frames_->free(*target);
                }
                complete = false;
            }
        }
        EXPECT_EQ(complete, available == kNeeded) << available;
        if (space) {
            space->unmap(layout::kUserBegin, layout::kUserEnd);
            space->destroy();
        }
        ASSERT_EQ(frames_->free_frames(), available);
        for (std::uint64_t i = 0; i < available; ++i) {
            held[i] = frame();
        }
    }
}

TEST_F(AddressSpaces, SeeAKernelPageMappedLaterInEachOfThem)
{
    AddressSpace other = *AddressSpace::create(*frames_, kernel_root_);
    const VirtAddr page = layout::kKernelStacks + kPageSize;
    const PhysAddr target = frame();
    const PageEntry top = table(kernel_root_)[arch::table_index(page.value, 4)];
    ASSERT_TRUE(kernel::map_kernel_page(*frames_, kernel_root_, page, target, kReadWrite));
    EXPECT_EQ(table(kernel_root_)[arch::table_index(page.value, 4)], top) << "top-level entries are never edited";
    for (const PhysAddr root : {kernel_root_, space_.root(), other.root()}) {
        const auto translation = walk(root, page, {.write = true});
        ASSERT_TRUE(translation);
        EXPECT_EQ(translation->address, target);
        EXPECT_FALSE(walk(root, page, {.user = true})) << "for ring 0 only";
        EXPECT_FALSE(walk(root, page, {.fetch = true}));
        EXPECT_EQ(translation->leaf.raw(), target.value | 0x8000'0000'0000'0103);
    }
    EXPECT_EQ(kernel::map_kernel_page(*frames_, kernel_root_, page, frame(), kRead).error(), Error::Eexist);
    EXPECT_EQ(*kernel::unmap_kernel_page(*frames_, kernel_root_, page), target);
    EXPECT_EQ(fake::cpu.invalidated, std::vector{page});
    EXPECT_EQ(kernel::unmap_kernel_page(*frames_, kernel_root_, page).error(), Error::Efault);
    other.destroy();
}

TEST_F(AddressSpaces, KeepKernelPagesOutOfTheUsersHalfAndOffLargePages)
{
    EXPECT_EQ(kernel::map_kernel_page(*frames_, kernel_root_, VirtAddr{0x40'0000}, frame(), kRead).error(),
              Error::Einval);
    EXPECT_EQ(kernel::map_kernel_page(*frames_, kernel_root_, layout::kKernelStacks + 1, frame(), kRead).error(),
              Error::Einval);
    table(table(kernel_root_)[256].frame())[0] = PageEntry(PhysAddr{0}, 0x83); // 1 GiB
    EXPECT_EQ(kernel::map_kernel_page(*frames_, kernel_root_, layout::kKernelHalf, frame(), kRead).error(),
              Error::Eexist);
    EXPECT_EQ(kernel::unmap_kernel_page(*frames_, kernel_root_, layout::kKernelHalf).error(), Error::Efault);
}

TEST_F(AddressSpaces, StopTheKernelThatWouldEditATopLevelEntry)
{
    table(kernel_root_)[384] = PageEntry();
    const PhysAddr target = frame();
    EXPECT_DEATH(
        static_cast<void>(kernel::map_kernel_page(*frames_, kernel_root_, layout::kKernelStacks, target, kReadWrite)),
        "assertion failed");
}

} // namespace
