// SPDX-License-Identifier: MIT
// The frame allocator: known answers, exhaustion, hostile memory maps against a byte-by-byte model, and random use
// against a set.
#include "mm/frame_allocator.h"
#include "unit/fake_kernel.h"

#include <gtest/gtest.h>

#include <random>
#include <set>
#include <vector>

namespace {

using arch::kPageSize;
using arch::PhysAddr;
using kernel::FrameAllocator;
using kernel::MemoryRange;

using Ranges = std::vector<MemoryRange>;

base::Span<const MemoryRange> span(const Ranges& ranges)
{
    return {ranges.data(), ranges.size()};
}

MemoryRange range(std::uint64_t begin, std::uint64_t end)
{
    return {PhysAddr{begin}, end - begin};
}

/// Everything that the allocator has, by taking it.
std::set<PhysAddr> all_frames(FrameAllocator& frames)
{
    std::set<PhysAddr> taken;
    while (const auto frame = frames.allocate()) {
        EXPECT_TRUE(taken.insert(*frame).second) << "handed out twice: " << std::hex << frame->value;
    }
    return taken;
}

TEST(FrameAllocator, HasNothingBeforeItIsInitialised)
{
    FrameAllocator frames;
    EXPECT_EQ(frames.allocate().error(), uapi::Error::Enomem);
    EXPECT_EQ(frames.allocate_contiguous(1).error(), uapi::Error::Enomem);
    EXPECT_EQ(frames.free_frames(), 0u);
}

TEST(FrameAllocator, TakesItsBooksAndHandsOutTheRestFromTheLowestOn)
{
    const fake::PhysicalMemory memory(16 * kPageSize);
    FrameAllocator frames;
    ASSERT_TRUE(frames.initialise(memory.window(), span({memory.range()}), {}, memory.window().end()));
    EXPECT_EQ(frames.total_frames(), 15u);
    EXPECT_EQ(frames.free_frames(), 15u);
    EXPECT_EQ(*frames.allocate(), PhysAddr{0x1000});
    EXPECT_EQ(*frames.allocate(), PhysAddr{0x2000});
    EXPECT_EQ(frames.free_frames(), 13u);
    EXPECT_EQ(frames.total_frames(), 15u);
}

TEST(FrameAllocator, GivesEveryFrameOnceAndThenEnomemUntilOneIsFreed)
{
    fake::Frames frames(130);
    const auto taken = all_frames(*frames);
    EXPECT_EQ(taken.size(), 130u);
    EXPECT_EQ(frames->free_frames(), 0u);
    EXPECT_EQ(frames->allocate().error(), uapi::Error::Enomem);
    EXPECT_EQ(frames->allocate_contiguous(1).error(), uapi::Error::Enomem);
    const PhysAddr middle = *std::next(taken.begin(), 70);
    frames->free(middle);
    EXPECT_EQ(*frames->allocate(), middle);
}

TEST(FrameAllocator, ZeroesAFrameOnlyWhenAsked)
{
    const fake::PhysicalMemory memory(4 * kPageSize);
    FrameAllocator frames;
    ASSERT_TRUE(frames.initialise(memory.window(), span({memory.range()}), {}, memory.window().end()));
    const auto* const old = memory.window().at<const std::uint8_t>(*frames.allocate());
    EXPECT_EQ(std::count(old, old + kPageSize, fake::PhysicalMemory::kPattern), 4096);
    const auto* const zeroed = memory.window().at<const std::uint8_t>(*frames.allocate_zeroed());
    EXPECT_EQ(std::count(zeroed, zeroed + kPageSize, 0), 4096);
    EXPECT_EQ(zeroed[kPageSize], fake::PhysicalMemory::kPattern);
}

TEST(FrameAllocator, FindsARunOfFramesBetweenTakenOnes)
{
    fake::Frames frames(200);
    const auto taken = all_frames(*frames);
    const PhysAddr first = *taken.begin();
    // Free frames 10..12, 60..69 (over a word's border) and 100.
    for (const auto& [begin, end] : {std::pair{10, 13}, {60, 70}, {100, 101}}) {
        for (int i = begin; i < end; ++i) {
            frames->free(first + static_cast<std::uint64_t>(i) * kPageSize);
        }
    }
    EXPECT_EQ(frames->allocate_contiguous(11).error(), uapi::Error::Enomem);
    EXPECT_EQ(*frames->allocate_contiguous(4), first + 60 * kPageSize);
    EXPECT_EQ(*frames->allocate_contiguous(6), first + 64 * kPageSize);
    EXPECT_EQ(*frames->allocate_contiguous(3), first + 10 * kPageSize);
    EXPECT_EQ(*frames->allocate_contiguous(1), first + 100 * kPageSize);
    EXPECT_EQ(frames->free_frames(), 0u);
}

TEST(FrameAllocator, SpansNoGapWithARun)
{
    const fake::PhysicalMemory memory(64 * kPageSize);
    FrameAllocator frames;
    ASSERT_TRUE(frames.initialise(memory.window(), span({memory.range()}), span({range(0x10'000, 0x10'001)}),
                                  memory.window().end()));
    EXPECT_EQ(frames.total_frames(), 62u);
    const auto run = frames.allocate_contiguous(20);
    ASSERT_TRUE(run);
    EXPECT_EQ(*run, PhysAddr{0x11'000}) << "15 frames below the reserved one are too few";
}

TEST(FrameAllocator, AgreesWithAModelOfEveryMemoryMap)
{
    // Half a page is the grain of the model: range borders fall on page borders or in the middle of a page.
    constexpr std::uint64_t kGrain = kPageSize / 2, kGrains = 256;
    const fake::PhysicalMemory memory(kGrains * kGrain);
    std::mt19937_64 random(1);
    unsigned maps_with_frames = 0;
    for (unsigned map = 0; map < 2'000; ++map) {
        std::vector<bool> is_usable(kGrains), is_reserved(kGrains);
        const auto make = [&](std::vector<bool>& covered, std::size_t most) {
            Ranges ranges;
            for (std::size_t i = random() % (most + 1); i > 0; --i) {
                const std::uint64_t begin = random() % kGrains;
                const std::uint64_t length = random() % 60 % (kGrains - begin + 1); // also 0
                ranges.push_back(range(begin * kGrain, (begin + length) * kGrain));
                std::fill_n(covered.begin() + static_cast<std::ptrdiff_t>(begin), length, true);
            }
            return ranges;
        };
        const Ranges usable = make(is_usable, 8);
        const Ranges reserved = make(is_reserved, 5);

        std::set<PhysAddr> expected;
        for (std::uint64_t i = 0; i < kGrains; i += 2) {
            if (is_usable[i] && is_usable[i + 1] && !is_reserved[i] && !is_reserved[i + 1]) {
                expected.insert(PhysAddr{i * kGrain});
            }
        }
        FrameAllocator frames;
        const auto initialised =
            frames.initialise(memory.window(), span(usable), span(reserved), memory.window().end());
        ASSERT_EQ(initialised.has_value(), !expected.empty());
        if (expected.empty()) {
            EXPECT_FALSE(frames.allocate());
            continue;
        }
        ++maps_with_frames;
        expected.erase(expected.begin()); // the lowest frame holds the books
        ASSERT_EQ(frames.total_frames(), expected.size()) << "map " << map;
        ASSERT_EQ(all_frames(frames), expected) << "map " << map;
    }
    EXPECT_GT(maps_with_frames, 1'500u);
}

TEST(FrameAllocator, BearsRangesAtTheEdgesOfTheAddressSpace)
{
    const fake::PhysicalMemory memory(16 * kPageSize);
    const Ranges usable = {memory.range(),
                           {PhysAddr{0x3000}, ~std::uint64_t{0}},
                           {PhysAddr{~std::uint64_t{0}}, 1},
                           {PhysAddr{~std::uint64_t{0}}, 0},
                           {PhysAddr{0xffff'ffff'ffff'f000}, 0x2000},
                           range(0x10'0000'0000, 0x20'0000'0000)};
    const Ranges reserved = {{PhysAddr{0xe001}, ~std::uint64_t{0}}, {PhysAddr{0}, 0}, {PhysAddr{0}, 1}};
    FrameAllocator frames;
    ASSERT_TRUE(frames.initialise(memory.window(), span(usable), span(reserved), memory.window().end()));
    const auto taken = all_frames(frames);
    EXPECT_EQ(taken.size(), 12u); // 0x1000 .. 0xdfff without the books'
    EXPECT_EQ(*taken.begin(), PhysAddr{0x2000});
    EXPECT_EQ(*taken.rbegin(), PhysAddr{0xd000});
}

TEST(FrameAllocator, KeepsItsBooksBelowTheGivenEnd)
{
    const fake::PhysicalMemory memory(64 * kPageSize);
    const Ranges usable = {range(0x20'000, 0x40'000), range(0x8'000, 0xa'000)};
    FrameAllocator frames;
    ASSERT_TRUE(frames.initialise(memory.window(), span(usable), {}, PhysAddr{0x10'000}));
    const auto taken = all_frames(frames);
    EXPECT_EQ(*taken.begin(), PhysAddr{0x9'000});
    EXPECT_EQ(taken.size(), 33u);
    EXPECT_EQ(frames.initialise(memory.window(), span({range(0x20'000, 0x40'000)}), {}, PhysAddr{0x10'000}).error(),
              uapi::Error::Enomem);
}

TEST(FrameAllocator, DescribesScattered64GibIn34Mib)
{
    constexpr std::uint64_t kGib = std::uint64_t{1} << 30;
    const fake::PhysicalMemory memory(128 * kGib);
    Ranges usable;
    for (std::uint64_t i = 0; i < 64; ++i) {
        usable.push_back(range(i * 2 * kGib, i * 2 * kGib + kGib));
    }
    FrameAllocator frames;
    ASSERT_TRUE(frames.initialise(memory.window(), span(usable), {}, PhysAddr{kGib}));
    constexpr std::uint64_t kBooks = 512 + 32 * 256; // 2 MiB of bits, 32 MiB of records
    EXPECT_EQ(frames.total_frames(), 64 * kGib / kPageSize - kBooks);
    EXPECT_EQ(*frames.allocate(), PhysAddr{kBooks * kPageSize});
    EXPECT_EQ(*frames.allocate_contiguous(kGib / kPageSize), PhysAddr{2 * kGib}) << "the first whole GiB";
}

TEST(FrameAllocator, AgreesWithASetThroughRandomUse)
{
    constexpr std::uint64_t kFrames = 300;
    fake::Frames frames(kFrames);
    std::mt19937_64 random(2);
    std::set<PhysAddr> held;
    unsigned refused = 0;
    for (unsigned step = 0; step < 100'000; ++step) {
        // Phases of growing and shrinking, so that both ends are reached.
        const bool grow = random() % 100 < (step / 2'000 % 2 == 0 ? 70u : 30u);
        if (grow) {
            const std::uint64_t count = random() % 8 == 0 ? 1 + random() % 20 : 1;
            const auto first = count == 1 ? frames->allocate() : frames->allocate_contiguous(count);
            if (!first) {
                ++refused;
                ASSERT_TRUE(count > 1 || held.size() == kFrames);
                continue;
            }
            for (std::uint64_t i = 0; i < count; ++i) {
                ASSERT_TRUE(held.insert(*first + i * kPageSize).second);
            }
        } else if (!held.empty()) {
            auto victim = held.lower_bound(PhysAddr{0x20'1000 + random() % kFrames * kPageSize});
            victim = victim == held.end() ? held.begin() : victim;
            frames->free(*victim);
            held.erase(victim);
        }
        ASSERT_EQ(frames->free_frames(), kFrames - held.size());
    }
    EXPECT_GT(refused, 100u);
}

TEST(FrameAllocator, GivesASharedFrameBackWithItsLastHolder)
{
    fake::Frames frames(8);
    const PhysAddr frame = *frames->allocate();
    EXPECT_EQ(frames->holders(frame), 1u);
    frames->share(frame);
    frames->share(frame, 3);
    EXPECT_EQ(frames->holders(frame), 5u);
    for (unsigned holders = 5; holders > 1; --holders) {
        frames->free(frame);
        EXPECT_EQ(frames->holders(frame), holders - 1);
        EXPECT_EQ(frames->free_frames(), 7u) << "somebody still holds it";
    }
    frames->free(frame);
    EXPECT_EQ(frames->free_frames(), 8u);
}

TEST(FrameAllocator, CountsTheFramesOfEachKind)
{
    using kernel::FrameKind;
    fake::Frames frames(32);
    const PhysAddr table = *frames->allocate(FrameKind::PageTable);
    const PhysAddr user = *frames->allocate_zeroed(FrameKind::User);
    const PhysAddr run = *frames->allocate_contiguous(3, FrameKind::Stack);
    static_cast<void>(*frames->allocate());
    frames->share(user);
    EXPECT_EQ(frames->used_frames(FrameKind::PageTable), 1u);
    EXPECT_EQ(frames->used_frames(FrameKind::User), 1u) << "a shared frame is one frame";
    EXPECT_EQ(frames->used_frames(FrameKind::Stack), 3u);
    EXPECT_EQ(frames->used_frames(FrameKind::Kernel), 1u);
    frames->free(table);
    frames->free(user);
    frames->free(run + kPageSize);
    EXPECT_EQ(frames->used_frames(FrameKind::PageTable), 0u);
    EXPECT_EQ(frames->used_frames(FrameKind::User), 1u);
    EXPECT_EQ(frames->used_frames(FrameKind::Stack), 2u);
    frames->free(user);
    EXPECT_EQ(frames->used_frames(FrameKind::User), 0u);
}

TEST(FrameAllocator, FailsTheAskedAllocationOnce)
{
    fake::Frames frames(32);
    static_cast<void>(*frames->allocate());
    const std::uint64_t before = frames->allocations();
    frames->fail_allocation(3);
    EXPECT_TRUE(frames->allocate());
    EXPECT_TRUE(frames->allocate_zeroed());
    EXPECT_EQ(frames->allocate_contiguous(2).error(), uapi::Error::Enomem);
    EXPECT_TRUE(frames->allocate_contiguous(2)) << "only once";
    EXPECT_EQ(frames->allocations(), before + 4) << "the one that failed counts too";
    EXPECT_EQ(frames->free_frames(), 32u - 5);
    frames->fail_allocation(1);
    frames->fail_allocation(0);
    EXPECT_TRUE(frames->allocate()) << "disarmed";
}

TEST(FrameAllocator, FailsAsManyAsAskedAndCountsThem)
{
    fake::Frames frames(8);
    frames->fail_allocation(2, 2);
    EXPECT_TRUE(frames->allocate());
    EXPECT_EQ(frames->forced_failures(), 0u);
    EXPECT_FALSE(frames->allocate());
    EXPECT_EQ(frames->forced_failures(), 1u);
    EXPECT_FALSE(frames->allocate_zeroed());
    EXPECT_TRUE(frames->allocate()) << "only two";
    EXPECT_EQ(frames->forced_failures(), 2u);
    frames->fail_allocation(0);
    EXPECT_EQ(frames->forced_failures(), 0u);
}

TEST(FrameAllocatorDeathTest, StopsAtTooManyHolders)
{
    fake::Frames frames(8);
    const PhysAddr frame = *frames->allocate();
    frames->share(frame, FrameAllocator::kMaximumHolders - 1);
    EXPECT_EQ(frames->holders(frame), FrameAllocator::kMaximumHolders);
    EXPECT_DEATH(frames->share(frame), "assertion failed: count");
    EXPECT_DEATH(frames->share(frame + kPageSize), "assertion failed") << "nobody holds it";
}

TEST(FrameAllocatorDeathTest, StopsAtAFrameThatWasNotHandedOut)
{
    fake::Frames frames(8);
    const PhysAddr frame = *frames->allocate();
    const PhysAddr last = frame + 7 * kPageSize;
    EXPECT_DEATH(frames->free(frame + 8), "assertion failed: frame.page_aligned");
    EXPECT_DEATH(frames->free(frame - kPageSize), "assertion failed: owner"); // the books
    EXPECT_DEATH(frames->free(last + kPageSize), "assertion failed: owner");
    EXPECT_DEATH(frames->free(PhysAddr{}), "assertion failed: owner");
    EXPECT_DEATH(frames->free(last), "assertion failed"); // never allocated
    frames->free(frame);
    EXPECT_DEATH(frames->free(frame), "assertion failed"); // twice
    EXPECT_DEATH(static_cast<void>(frames->allocate_contiguous(0)), "assertion failed: count");
}

} // namespace
