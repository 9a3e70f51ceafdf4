// SPDX-License-Identifier: MIT
// What appears when it is touched, how a stack grows, and what fork shares.
#include "unit/user_memory_fixture.h"

#include <algorithm>
#include <cstring>

namespace {

using namespace fake;
using arch::kPageSize;
using arch::VirtAddr;
using kernel::Access;
using kernel::FaultResult;
using kernel::UserMemory;
using kernel::VmaKind;
using uapi::Error;

using UserMemories = UserMemoryTest;

// ---- Faults.

TEST_F(UserMemories, TellAHoleFromAMissingRight)
{
    map_at(kPlace, 1, kReadExecute);
    EXPECT_EQ(write(kPlace, 1), FaultResult::NotAllowed);
    EXPECT_TRUE(cpu.touch(kPlace, kFetch));
    EXPECT_EQ(read(kPlace - 1), no(FaultResult::NotMapped));
    EXPECT_EQ(read(kPlace + kPageSize), no(FaultResult::NotMapped));
    map_at(kPlace, 1, kReadWrite);
    EXPECT_EQ(cpu.touch(kPlace, kFetch).error(), FaultResult::NotAllowed);
    map_at(kPlace, 1, kNone);
    EXPECT_EQ(read(kPlace), no(FaultResult::NotAllowed));
}

TEST_F(UserMemories, ServeNoAddressOutsideTheUsersHalf)
{
    for (const std::uint64_t address : {0ull, 0xffffull, 0x7fff'ffff'e000ull, 0x8000'0000'0000ull,
                                        0xffff'8000'0000'0000ull, 0xffff'ffff'8000'0000ull, ~0ull}) {
        for (const Access access : {kRead, kWrite, kFetch}) {
            EXPECT_EQ(memory_.handle_fault(VirtAddr{address}, access), FaultResult::NotMapped) << std::hex << address;
        }
    }
}

TEST_F(UserMemories, TakeNoFrameBeforeAPageIsWritten)
{
    map_at(kPlace, 100);
    EXPECT_EQ(frames_->free_frames(), empty_);
    for (unsigned i = 0; i < 100; ++i) {
        EXPECT_EQ(read(kPlace + i * kPageSize + i), 0u);
    }
    EXPECT_EQ(user_frames(), 0u) << "reads share the zero page";
    EXPECT_EQ(write(kPlace + 5 * kPageSize, 7), FaultResult::Handled);
    EXPECT_EQ(user_frames(), 1u);
    EXPECT_EQ(read(kPlace + 5 * kPageSize), 7u);
    EXPECT_EQ(read(kPlace + 5 * kPageSize + 1), 0u);
    EXPECT_EQ(memory_.faults(), 101u);
    EXPECT_EQ(memory_.resident_pages(), 100u);
}

TEST_F(UserMemories, GiveAFreshPageNothingOfItsLastOwner)
{
    map_at(kPlace, 1);
    std::memset(*cpu.touch(kPlace, kWrite), 0xee, kPageSize);
    ASSERT_TRUE(memory_.unmap(kPlace, kPageSize));
    map_at(kPlace, 300);
    for (unsigned i = 0; i < 300; ++i) {
        const std::uint8_t* const page = *cpu.touch(kPlace + i * kPageSize, kWrite);
        ASSERT_EQ(std::count(page, page + kPageSize, 0), 4096) << i;
    }
}

TEST_F(UserMemories, SayOutOfMemoryAndLoseNothing)
{
    map_at(kPlace, 600);
    FaultResult result = FaultResult::Handled;
    unsigned written = 0;
    while ((result = write(kPlace + written * kPageSize, 1)) == FaultResult::Handled) {
        ++written;
    }
    EXPECT_EQ(result, FaultResult::OutOfMemory);
    EXPECT_EQ(frames_->free_frames(), 0u);
    EXPECT_EQ(read(kPlace), 1u);
    EXPECT_EQ(write(kPlace, 2), FaultResult::Handled) << "what is there stays usable";
}

TEST_F(UserMemories, LeakNoTableWhenTheFrameItselfIsMissing)
{
    map_at(kPlace, 1);
    for (std::uint64_t failing = 1; failing <= 4; ++failing) { // three tables, one frame
        frames_->fail_allocation(failing);
        EXPECT_EQ(write(kPlace, 1), FaultResult::OutOfMemory) << failing;
        EXPECT_EQ(frames_->free_frames(), empty_) << failing;
    }
    EXPECT_EQ(write(kPlace, 1), FaultResult::Handled);
}

// ---- The stack.

TEST_F(UserMemories, GrowAStackDownToItsLimit)
{
    const VirtAddr top = layout::kUserStackTop;
    const VirtAddr lowest = top - layout::kUserStackLimit;
    ASSERT_TRUE(
        memory_.add_area({.begin = top - kPageSize, .end = top, .kind = VmaKind::Stack, .protection = kReadWrite}));
    EXPECT_EQ(write(top - 1, 1), FaultResult::Handled);
    EXPECT_EQ(read(top), no(FaultResult::NotMapped));
    EXPECT_EQ(write(top - 5 * kPageSize, 1), FaultResult::Handled);
    EXPECT_EQ(read(lowest - 1), no(FaultResult::NotMapped));
    EXPECT_EQ(write(lowest, 1), FaultResult::Handled);
    EXPECT_EQ(read(lowest - 1), no(FaultResult::NotMapped));
    EXPECT_EQ(memory_.areas().size(), 1u);
    EXPECT_EQ(user_frames(), 3u);
}

TEST_F(UserMemories, KeepAGapBelowAStack)
{
    const VirtAddr top = layout::kUserStackTop;
    ASSERT_TRUE(
        memory_.add_area({.begin = top - kPageSize, .end = top, .kind = VmaKind::Stack, .protection = kReadWrite}));
    const VirtAddr neighbour = top - 0x200 * kPageSize;
    map_at(neighbour, 1);
    const VirtAddr lowest = neighbour + kPageSize + layout::kUserStackGuard;
    EXPECT_EQ(write(lowest - 1, 1), FaultResult::NotMapped);
    EXPECT_EQ(write(lowest, 1), FaultResult::Handled);
    EXPECT_EQ(write(lowest - 1, 1), FaultResult::NotMapped);
}

// ---- fork.

TEST_F(UserMemories, ForkSharesFramesUntilOneWrites)
{
    map_at(kPlace, 3);
    EXPECT_EQ(write(kPlace, 1), FaultResult::Handled);
    EXPECT_EQ(write(kPlace + kPageSize, 2), FaultResult::Handled);
    UserMemory child = *memory_.fork();
    EXPECT_EQ(user_frames(), 2u);
    EXPECT_TRUE(cpu.nothing_is_stale()) << "the parent may not write through what the CPU remembers";

    EXPECT_EQ(write(kPlace, 3), FaultResult::Handled);
    EXPECT_EQ(user_frames(), 3u) << "copied";
    cpu.run(child, *frames_);
    EXPECT_EQ(read(kPlace), 1u);
    EXPECT_EQ(write(kPlace, 4), FaultResult::Handled);
    EXPECT_EQ(user_frames(), 3u) << "the last holder writes in place";
    EXPECT_EQ(read(kPlace + kPageSize), 2u);
    EXPECT_EQ(write(kPlace + 2 * kPageSize, 5), FaultResult::Handled);
    cpu.run(memory_, *frames_);
    EXPECT_EQ(read(kPlace), 3u);
    EXPECT_EQ(read(kPlace + 2 * kPageSize), 0u);

    child.destroy();
    EXPECT_EQ(write(kPlace + kPageSize, 6), FaultResult::Handled);
    EXPECT_EQ(user_frames(), 2u) << "the child's share is gone: in place again";
}

TEST_F(UserMemories, ForkKeepsSharedPagesShared)
{
    map_at(kPlace, 2, kReadWrite, VmaKind::Shared);
    EXPECT_EQ(user_frames(), 2u) << "all of them are there at once";
    UserMemory child = *memory_.fork();
    EXPECT_EQ(write(kPlace, 1), FaultResult::Handled);
    cpu.run(child, *frames_);
    EXPECT_EQ(read(kPlace), 1u);
    EXPECT_EQ(write(kPlace + kPageSize, 2), FaultResult::Handled);
    cpu.run(memory_, *frames_);
    EXPECT_EQ(read(kPlace + kPageSize), 2u);
    EXPECT_EQ(user_frames(), 2u);
    child.destroy();
    EXPECT_EQ(read(kPlace + kPageSize), 2u);
}

TEST_F(UserMemories, ForkLeaksNothingWhicheverAllocationFails)
{
    map_at(kPlace, 2);
    map_at(VirtAddr{0x7f00'0000'0000}, 2);
    EXPECT_EQ(write(kPlace, 1), FaultResult::Handled);
    EXPECT_EQ(write(VirtAddr{0x7f00'0000'1000}, 2), FaultResult::Handled);
    const std::uint64_t before = frames_->free_frames();
    const std::uint64_t allocations = frames_->allocations();
    UserMemory whole = *memory_.fork();
    const std::uint64_t needed = frames_->allocations() - allocations;
    whole.destroy();
    EXPECT_EQ(needed, 8u) << "areas, root, two times three tables";
    for (std::uint64_t failing = 1; failing <= needed; ++failing) {
        frames_->fail_allocation(failing);
        const auto child = memory_.fork();
        ASSERT_FALSE(child) << failing;
        EXPECT_EQ(child.error(), Error::Enomem);
        ASSERT_EQ(frames_->free_frames(), before) << failing;
        EXPECT_TRUE(cpu.nothing_is_stale()) << failing;
    }
    EXPECT_EQ(write(kPlace, 3), FaultResult::Handled);
    EXPECT_EQ(frames_->free_frames(), before) << "nobody else holds it: no copy";
}

TEST_F(UserMemories, ACopyThatFindsNoFrameLeavesThePageAsItWas)
{
    map_at(kPlace, 1);
    EXPECT_EQ(write(kPlace, 1), FaultResult::Handled);
    UserMemory child = *memory_.fork();
    frames_->fail_allocation(1);
    EXPECT_EQ(write(kPlace, 2), FaultResult::OutOfMemory);
    EXPECT_EQ(read(kPlace), 1u);
    EXPECT_EQ(write(kPlace, 2), FaultResult::Handled);
    cpu.run(child, *frames_);
    EXPECT_EQ(read(kPlace), 1u);
    cpu.run(memory_, *frames_);
    child.destroy();
}

} // namespace
