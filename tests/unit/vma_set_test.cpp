// SPDX-License-Identifier: MIT
// VmaSet against an oracle that knows pages only: an array of what each page is, changed and asked page by page.  Each
// run of random operations prints its seed when it fails.
#include "layout/address_map.h"
#include "mm/vma_set.h"
#include "unit/file_tree.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <optional>
#include <random>
#include <span>
#include <vector>

namespace {

using arch::kPageSize;
using arch::VirtAddr;
using kernel::Protection;
using kernel::Vma;
using kernel::VmaKind;
using kernel::VmaSet;

constexpr std::size_t kPages = 700;
constexpr std::uint64_t kGuardPages = layout::kUserStackGuard / kPageSize;
constexpr VirtAddr kBase{0x40'0000};

constexpr VirtAddr address(std::size_t page)
{
    return kBase + page * kPageSize;
}

/// What a page of an area is, and which bytes of the file stand in it.
struct Page {
    VmaKind kind = VmaKind::Private;
    Protection protection;
    const kernel::PageSource* file = nullptr;
    std::uint64_t offset = 0, count = 0;
    bool operator==(const Page&) const = default;
};

/// The definition of an area's file part, page by page.
Page page_of(const Vma& area, VirtAddr page)
{
    Page result{.kind = area.kind, .protection = area.protection};
    const std::uint64_t at = page.value - area.begin.value;
    if (area.file != nullptr && at < area.file_bytes) {
        result.file = area.file;
        result.offset = area.file_offset + at;
        result.count = std::min(kPageSize, area.file_bytes - at);
    }
    return result;
}

class Oracle {
public:
    std::array<std::optional<Page>, kPages> pages;

    bool is_free(std::size_t begin, std::size_t end) const
    {
        return std::none_of(pages.begin() + begin, pages.begin() + end,
                            [](const auto& page) { return page.has_value(); });
    }
    bool is_covered(std::size_t begin, std::size_t end) const
    {
        return std::all_of(pages.begin() + begin, pages.begin() + end,
                           [](const auto& page) { return page.has_value(); });
    }
    /// Nothing is there, and no stack begins within the guard above.
    bool is_open(std::size_t page) const
    {
        for (std::size_t above = page; above < kPages && above <= page + kGuardPages; ++above) {
            const bool begins = pages[above] && pages[above]->kind == VmaKind::Stack &&
                                (above == 0 || !pages[above - 1] || pages[above - 1]->kind != VmaKind::Stack);
            if (begins || (above == page && pages[above])) {
                return false;
            }
        }
        return true;
    }
    std::optional<std::size_t> find_gap(std::size_t size, std::size_t low, std::size_t high) const
    {
        std::size_t open = 0;
        for (std::size_t page = high; page-- > low;) {
            open = is_open(page) ? open + 1 : 0;
            if (open == size) {
                return page;
            }
        }
        return std::nullopt;
    }
};

/// Both, changed together.
class Pair {
public:
    explicit Pair(unsigned seed) : random_(seed) {}
    ~Pair()
    {
        set_.destroy();
        EXPECT_EQ(file_.views, 0);
    }
    Pair(const Pair&) = delete;
    Pair& operator=(const Pair&) = delete;

    void step()
    {
        switch (below(6)) {
        case 0:
        case 1:
        case 2: return insert();
        case 3: return erase();
        case 4: return protect();
        default: return copy();
        }
    }
    void compare() const
    {
        const auto shows = [](const Vma& area) { return area.file != nullptr; };
        ASSERT_EQ(file_.views, std::count_if(set_.begin(), set_.end(), shows)) << "views of the file";
        ASSERT_NO_FATAL_FAILURE(compare_pages());
        ASSERT_NO_FATAL_FAILURE(compare_answers());
    }

private:
    std::size_t below(std::size_t limit) const { return random_() % limit; }
    /// Of 1 to 24 pages.
    std::pair<std::size_t, std::size_t> range() const
    {
        const std::size_t begin = below(kPages - 1);
        return {begin, std::min(kPages, begin + 1 + below(24))};
    }

    void insert()
    {
        const auto [begin, end] = range();
        ASSERT_EQ(set_.is_free(address(begin), address(end)), oracle_.is_free(begin, end));
        if (!oracle_.is_free(begin, end)) {
            return;
        }
        Vma area{.begin = address(begin), .end = address(end)};
        area.kind = static_cast<VmaKind>(below(20) == 0 ? 2 : below(2));
        area.protection = {.read = below(3) != 0, .write = below(2) == 0};
        if (area.kind == VmaKind::Private && below(3) == 0) {
            area.file = &file_;
            area.file_offset = below(8) * kPageSize;
            area.file_bytes = below(4) == 0 ? Vma::kAll : 1 + below(area.end - area.begin);
        }
        ASSERT_TRUE(set_.reserve(1));
        set_.insert(area);
        for (std::size_t page = begin; page < end; ++page) {
            oracle_.pages[page] = page_of(area, address(page));
        }
    }
    void erase()
    {
        const auto [begin, end] = range();
        ASSERT_TRUE(set_.reserve(2));
        set_.cut(address(begin), address(end));
        became_private(begin);
        became_private(end);
        set_.erase(address(begin), address(end));
        set_.join(address(begin), address(end));
        std::fill(oracle_.pages.begin() + static_cast<long>(begin), oracle_.pages.begin() + static_cast<long>(end),
                  std::nullopt);
    }
    void protect()
    {
        const auto [begin, end] = range();
        const Protection protection{.read = true, .write = below(2) == 0};
        ASSERT_TRUE(set_.reserve(2));
        set_.cut(address(begin), address(end));
        became_private(begin);
        became_private(end);
        for (std::size_t i = set_.first_above(address(begin)); i < set_.size() && set_[i].begin < address(end); ++i) {
            set_[i].protection = protection;
        }
        set_.join(address(begin), address(end));
        for (std::size_t page = begin; page < end; ++page) {
            if (oracle_.pages[page]) {
                oracle_.pages[page]->protection = protection;
            }
        }
    }
    /// A stack that was cut before `page`: only its lowest part grows.
    void became_private(std::size_t page)
    {
        const auto is_stack = [&](std::size_t at) {
            return at < kPages && oracle_.pages[at] && oracle_.pages[at]->kind == VmaKind::Stack;
        };
        if (page == 0 || !is_stack(page) || !is_stack(page - 1)) {
            return;
        }
        for (; is_stack(page); ++page) {
            oracle_.pages[page]->kind = VmaKind::Private;
        }
    }
    void copy()
    {
        auto other = set_.copy();
        ASSERT_TRUE(other);
        set_.destroy();
        set_ = std::move(*other);
    }

    void compare_pages() const
    {
        std::array<std::optional<Page>, kPages> seen;
        for (std::size_t i = 0; i < set_.size(); ++i) {
            const Vma& area = set_[i];
            ASSERT_LT(area.begin, area.end);
            ASSERT_TRUE(i == 0 || set_[i - 1].end <= area.begin) << "areas ascend and do not overlap";
            ASSERT_FALSE(i > 0 && set_[i - 1].continues_in(area)) << "what can be one is one";
            for (VirtAddr page = area.begin; page < area.end; page = page + kPageSize) {
                seen[(page - kBase) / kPageSize] = page_of(area, page);
            }
        }
        for (std::size_t page = 0; page < kPages; ++page) {
            ASSERT_EQ(seen[page].has_value(), oracle_.pages[page].has_value()) << "page " << page;
            ASSERT_EQ(seen[page], oracle_.pages[page]) << "page " << page;
        }
    }
    void compare_answers() const
    {
        const auto [begin, end] = range();
        ASSERT_EQ(set_.is_free(address(begin), address(end)), oracle_.is_free(begin, end));
        ASSERT_EQ(set_.is_covered(address(begin), address(end)), oracle_.is_covered(begin, end));
        const std::size_t size = 1 + below(40), low = below(kPages), high = low + below(kPages - low + 1);
        const auto gap = set_.find_gap(size * kPageSize, address(low), address(high));
        const auto expected = oracle_.find_gap(size, low, high);
        ASSERT_EQ(gap.has_value(), expected.has_value()) << size << " pages in " << low << ".." << high;
        ASSERT_TRUE(!gap || *gap == address(*expected)) << size << " pages in " << low << ".." << high;
        const VirtAddr asked = address(begin) + below(kPageSize);
        const std::size_t next = set_.first_above(asked);
        ASSERT_TRUE(next == set_.size() || set_[next].end > asked);
        ASSERT_TRUE(next == 0 || set_[next - 1].end <= asked);
    }

    mutable std::mt19937 random_;
    fake::Frames frames_{64};
    fake::ByteFile file_{{}};
    VmaSet set_ = *VmaSet::create(*frames_);
    Oracle oracle_;
};

TEST(VmaSet, DoesWhatAnArrayOfPagesDoes)
{
    constexpr unsigned kSeeds = 20, kSteps = 400;
    for (unsigned seed = 1; seed <= kSeeds; ++seed) {
        Pair pair(seed);
        for (unsigned step = 0; step < kSteps; ++step) {
            ASSERT_NO_FATAL_FAILURE(pair.step()) << "seed " << seed << ", step " << step;
            ASSERT_NO_FATAL_FAILURE(pair.compare()) << "seed " << seed << ", step " << step;
        }
    }
}

TEST(VmaSet, HoldsAsManyAreasAsItSaysAndNoMore)
{
    fake::Frames frames(64);
    const std::uint64_t before = frames->free_frames();
    VmaSet set = *VmaSet::create(*frames);
    for (std::size_t i = 0; i < VmaSet::kMaximumAreas; ++i) {
        ASSERT_TRUE(set.reserve(1)) << i;
        set.insert({.begin = address(2 * i), .end = address(2 * i + 1), .protection = {.read = true}});
    }
    EXPECT_EQ(set.size(), VmaSet::kMaximumAreas);
    EXPECT_EQ(set.reserve(1).error(), uapi::Error::Enomem);
    for (std::size_t i = 0; i < VmaSet::kMaximumAreas; ++i) {
        ASSERT_EQ(set[i].begin, address(2 * i));
    }
    set.destroy();
    EXPECT_EQ(frames->free_frames(), before);
}

TEST(VmaSet, ChangesNothingWhenThereIsNoFrameToGrowInto)
{
    fake::Frames frames(2); // the table's first frame, and none in a row of two behind it
    VmaSet set = *VmaSet::create(*frames);
    constexpr std::size_t kFirst = kPageSize / sizeof(Vma);
    for (std::size_t i = 0; i < kFirst; ++i) {
        ASSERT_TRUE(set.reserve(1)) << i;
        set.insert({.begin = address(2 * i), .end = address(2 * i + 1), .protection = {.read = true}});
    }
    EXPECT_EQ(set.reserve(1).error(), uapi::Error::Enomem);
    EXPECT_EQ(set.copy().has_value(), true) << "one frame is left for it";
    EXPECT_EQ(set.size(), kFirst);
    EXPECT_EQ(set[kFirst - 1].begin, address(2 * (kFirst - 1)));
    set.destroy();
}

} // namespace
