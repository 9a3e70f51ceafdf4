// SPDX-License-Identifier: MIT
// Property: objects are aligned and nobody else's, a frame is there for as long as one of its objects is, and a new one
// costs no more than its first object.
#include "mm/object_allocator.h"
#include "unit/fake_kernel.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <random>
#include <vector>

namespace {

using kernel::ObjectAllocator;

class Objects : public testing::Test {
protected:
    Objects() { objects_.initialise(*frames_); }

    fake::Frames frames_{512};
    ObjectAllocator objects_;
    const std::uint64_t free_ = frames_->free_frames();
};

TEST_F(Objects, AreNobodyElses)
{
    struct Object {
        std::uint8_t* bytes;
        std::size_t size;
        std::uint8_t mark;
    };
    std::mt19937 random{15};
    std::vector<Object> held;
    const auto give_back = [&](std::size_t index) {
        const Object object = held[index];
        EXPECT_TRUE(std::all_of(object.bytes, object.bytes + object.size,
                                [&](std::uint8_t byte) { return byte == object.mark; }));
        objects_.free(object.bytes, object.size);
        held[index] = held.back();
        held.pop_back();
    };
    for (unsigned round = 0; round < 20'000; ++round) {
        if (random() % 512 < held.size()) {
            give_back(random() % held.size());
            continue;
        }
        const std::size_t size = random() % 16 == 0 ? 1 + random() % ObjectAllocator::kLargest : 1 + random() % 512;
        const auto object = objects_.allocate(size);
        ASSERT_TRUE(object);
        EXPECT_EQ(reinterpret_cast<std::uintptr_t>(*object) % 16, 0U);
        held.push_back({static_cast<std::uint8_t*>(*object), size, static_cast<std::uint8_t>(round)});
        std::memset(*object, held.back().mark, size);
    }
    while (!held.empty()) {
        give_back(held.size() - 1);
    }
    EXPECT_EQ(frames_->free_frames(), free_);
}

TEST_F(Objects, FillAFrameBeforeTheNext)
{
    for (const std::size_t size : ObjectAllocator::kSizes) {
        const std::size_t room = (arch::kPageSize - 64) / size;
        std::vector<void*> held;
        for (std::size_t i = 0; i < 2 * room; ++i) {
            held.push_back(*objects_.allocate(size));
            EXPECT_EQ(frames_->free_frames(), free_ - 1 - i / room) << size;
        }
        for (void* const object : held) {
            objects_.free(object, size);
        }
        EXPECT_EQ(frames_->free_frames(), free_) << size;
    }
}

TEST_F(Objects, TouchNothingOfAFrameBehindThem)
{
    for (const std::size_t size : ObjectAllocator::kSizes) {
        auto* const object = static_cast<std::uint8_t*>(*objects_.allocate(size));
        auto* const frame = reinterpret_cast<std::uint8_t*>(reinterpret_cast<std::uintptr_t>(object) & ~0xfffULL);
        std::memset(frame + 64, 0x3c, arch::kPageSize - 64);
        objects_.free(object, size);
        ASSERT_EQ(*objects_.allocate(size), object) << "the frame that was free last";
        EXPECT_TRUE(std::all_of(object + size, frame + arch::kPageSize, [](std::uint8_t byte) { return byte == 0x3c; }))
            << size;
        objects_.free(object, size);
    }
}

} // namespace
