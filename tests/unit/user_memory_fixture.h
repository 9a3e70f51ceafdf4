// SPDX-License-Identifier: MIT
// A UserMemory that a fake CPU runs in, and whose every frame has to come back.
#pragma once

#include "layout/address_map.h"
#include "mm/user_memory.h"
#include "unit/fake_cpu.h"
#include "unit/fake_kernel.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace fake {

inline constexpr kernel::Access kRead{}, kWrite{.write = true}, kFetch{.fetch = true};
inline constexpr kernel::Protection kNone{}, kReadOnly{.read = true}, kReadWrite{.read = true, .write = true},
    kReadExecute{.read = true, .execute = true}, kAll{.read = true, .write = true, .execute = true};
/// Where most tests map their pages.
inline constexpr arch::VirtAddr kPlace{0x1000'0000};

class UserMemoryTest : public ::testing::Test {
protected:
    UserMemoryTest()
    {
        memory_ = *kernel::UserMemory::create(*frames_, kernel_root_, zero_page_);
        empty_ = frames_->free_frames();
        cpu.run(memory_, *frames_);
        cpu.invalidated.clear();
        cpu.reloads = 0;
    }
    ~UserMemoryTest() override
    {
        EXPECT_TRUE(cpu.nothing_is_stale());
        cpu.stop();
        memory_.destroy();
        EXPECT_EQ(frames_->free_frames(), frames_->total_frames() - 2) << "all but the kernel's root and the zero page";
        const auto* const zeros = frames_->window().at<const std::uint8_t>(zero_page_);
        EXPECT_EQ(std::count(zeros, zeros + arch::kPageSize, 0), 4096) << "the zero page was written";
    }

    arch::VirtAddr map_at(arch::VirtAddr address, std::uint64_t pages, kernel::Protection protection = kReadWrite,
                          kernel::VmaKind kind = kernel::VmaKind::Private)
    {
        const auto mapped =
            memory_.map({address, pages * arch::kPageSize, protection, kernel::UserMemory::Placement::Fixed, kind});
        EXPECT_TRUE(mapped);
        return *mapped;
    }
    /// The byte, or 0x100 + how the fault ended.
    static unsigned read(arch::VirtAddr address)
    {
        const auto byte = cpu.touch(address, kRead);
        return byte ? **byte : 0x100 + static_cast<unsigned>(byte.error());
    }
    static kernel::FaultResult write(arch::VirtAddr address, std::uint8_t value)
    {
        const auto byte = cpu.touch(address, kWrite);
        if (!byte) {
            return byte.error();
        }
        **byte = value;
        return kernel::FaultResult::Handled;
    }
    static unsigned no(kernel::FaultResult result) { return 0x100 + static_cast<unsigned>(result); }
    std::uint64_t user_frames() { return frames_->used_frames(kernel::FrameKind::User); }

    fake::Frames frames_{600};
    arch::PhysAddr kernel_root_ = *frames_->allocate_zeroed();
    arch::PhysAddr zero_page_ = *frames_->allocate_zeroed();
    kernel::UserMemory memory_;
    std::uint64_t empty_ = 0; ///< free frames while nothing is mapped
};

} // namespace fake
