// SPDX-License-Identifier: MIT
// A Vessel's memory: which faults are the program's own mistake, and that fork makes two that share nothing.
#include "layout/address_map.h"
#include "mm/user_memory.h"
#include "unit/fake_kernel.h"

#include <gtest/gtest.h>

#include <vector>

namespace {

using arch::kPageSize;
using arch::PhysAddr;
using arch::VirtAddr;
using kernel::Access;
using kernel::FaultResult;
using kernel::UserMemory;
using uapi::Error;

constexpr Access kRead{}, kWrite{.write = true}, kFetch{.fetch = true};
constexpr VirtAddr kData{0x40'0000}, kText{0x7f00'0000'0000};

class UserMemories : public ::testing::Test {
protected:
    UserMemories()
    {
        kernel_root_ = *frames_->allocate_zeroed();
        memory_ = *UserMemory::create(*frames_, kernel_root_);
        put(kData, {.write = true}, 0x11);
        put(kText, {.execute = true}, 0x22);
    }
    ~UserMemories() override { memory_.destroy(); }

    void put(VirtAddr page, kernel::PageRights rights, std::uint8_t content)
    {
        const PhysAddr frame = *frames_->allocate_zeroed();
        *frames_->window().at<std::uint8_t>(frame) = content;
        ASSERT_TRUE(memory_.space().map(page, frame, rights));
    }
    std::uint8_t& byte(UserMemory& memory, VirtAddr address)
    {
        return *frames_->window().at<std::uint8_t>(memory.space().walk(address, kRead)->address);
    }

    fake::Frames frames_{64};
    PhysAddr kernel_root_;
    UserMemory memory_;
};

TEST_F(UserMemories, TellAHoleFromAMissingRight)
{
    EXPECT_EQ(memory_.handle_fault(kData + kPageSize, kRead), FaultResult::NotMapped);
    EXPECT_EQ(memory_.handle_fault(kData, kFetch), FaultResult::NotAllowed);
    EXPECT_EQ(memory_.handle_fault(kText, kWrite), FaultResult::NotAllowed);
    EXPECT_EQ(memory_.handle_fault(kData, kWrite), FaultResult::Handled);
    EXPECT_EQ(memory_.handle_fault(kText, kFetch), FaultResult::Handled);
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

TEST_F(UserMemories, ForkCopiesContentsAndRightsAndSharesNothing)
{
    UserMemory child = *memory_.fork();
    EXPECT_EQ(byte(child, kData), 0x11);
    EXPECT_EQ(byte(child, kText), 0x22);
    EXPECT_EQ(child.handle_fault(kText, kWrite), FaultResult::NotAllowed);
    EXPECT_EQ(child.handle_fault(kData, kFetch), FaultResult::NotAllowed);
    ASSERT_EQ(child.handle_fault(kData, kWrite), FaultResult::Handled);
    byte(child, kData) = 0x33;
    EXPECT_EQ(byte(memory_, kData), 0x11);
    child.destroy();
    EXPECT_EQ(byte(memory_, kText), 0x22);
}

TEST_F(UserMemories, ForkLeaksNothingWhicheverFrameIsMissing)
{
    std::vector<PhysAddr> held;
    while (frames_->free_frames() > 0) {
        held.push_back(*frames_->allocate());
    }
    bool complete = false;
    for (std::uint64_t available = 0; !complete; ++available) {
        for (std::uint64_t i = 0; i < available; ++i) {
            frames_->free(held[i]);
        }
        auto child = memory_.fork();
        complete = child.has_value();
        if (complete) {
            child->destroy();
        } else {
            EXPECT_EQ(child.error(), Error::Enomem);
        }
        ASSERT_EQ(frames_->free_frames(), available);
        for (std::uint64_t i = 0; i < available; ++i) {
            held[i] = *frames_->allocate();
        }
    }
    EXPECT_EQ(byte(memory_, kData), 0x11);
}

} // namespace
