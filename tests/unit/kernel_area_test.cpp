// SPDX-License-Identifier: MIT
// Property: an area of kind Kernel shows one frame to whoever has it, whatever is done to it: nobody writes it, nobody
// counts it, nobody frees it.
#include "unit/user_memory_fixture.h"

#include <cstring>
#include <utility>

namespace {

using namespace fake;
using arch::kPageSize;
using arch::PhysAddr;
using arch::VirtAddr;
using kernel::FaultResult;
using kernel::UserMemory;
using kernel::Vma;
using kernel::VmaKind;
using uapi::Error;

/// A page that is the kernel's, outside of what the allocator gives out.
class OnePage final : public kernel::PageSource {
public:
    explicit OnePage(PhysAddr frame) : frame_(frame) {}
    base::Result<PhysAddr> page(std::uint64_t, bool) override { return frame_; }
    std::uint64_t file_size() const override { return kPageSize; }
    std::uint64_t peek(std::uint64_t, base::Span<std::uint8_t>) const override { return 0; }
    void add_view() override {}
    void drop_view() override {}

private:
    PhysAddr frame_;
};

class KernelAreas : public UserMemoryTest {
protected:
    static constexpr VirtAddr kData = kPlace, kCode = kPlace + kPageSize;

    /// The zero page serves: the fixture counts its holders and looks whether it was written.
    KernelAreas()
    {
        Vma area{.begin = kData,
                 .end = kCode,
                 .file = &page_,
                 .file_bytes = Vma::kAll,
                 .kind = VmaKind::Kernel,
                 .protection = kReadOnly,
                 .never_written = true,
                 .never_executed = true};
        EXPECT_TRUE(memory_.add_area(area));
        area.begin = kCode;
        area.end = kCode + kPageSize;
        area.protection = kReadExecute;
        area.never_executed = false;
        EXPECT_TRUE(memory_.add_area(area));
    }
    Error protect(VirtAddr page, std::uint64_t pages, kernel::Protection protection)
    {
        const auto changed = memory_.protect(page, pages * kPageSize, protection);
        return changed ? Error{} : changed.error();
    }
    bool can_execute(VirtAddr page) { return cpu.touch(page, kFetch).has_value(); }

    OnePage page_{zero_page_};
};

TEST_F(KernelAreas, CanBeReadAndExecutedAndNeverWritten)
{
    EXPECT_EQ(read(kData), 0u);
    EXPECT_EQ(read(kCode + 7), 0u);
    EXPECT_TRUE(can_execute(kCode));
    EXPECT_FALSE(can_execute(kData));
    EXPECT_EQ(write(kData, 1), FaultResult::NotAllowed);
    EXPECT_EQ(write(kCode, 1), FaultResult::NotAllowed);
    EXPECT_FALSE(memory_.populate(kData, kWrite));
    EXPECT_EQ(user_frames(), 0u);
    EXPECT_EQ(frames_->holders(zero_page_), 1u);
}

TEST_F(KernelAreas, LoseRightsAndGetNoOther)
{
    for (const bool touched : {false, true}) {
        EXPECT_EQ(protect(kData, 1, kReadWrite), Error::Eacces);
        EXPECT_EQ(protect(kCode, 1, kReadWrite), Error::Eacces);
        EXPECT_EQ(protect(kData, 1, kReadExecute), Error::Eacces);
        EXPECT_EQ(protect(kData, 2, kReadExecute), Error::Eacces);
        EXPECT_EQ(protect(kData, 2, kNone), Error{});
        EXPECT_EQ(read(kData), no(FaultResult::NotAllowed));
        EXPECT_EQ(read(kCode), no(FaultResult::NotAllowed));
        EXPECT_EQ(protect(kData, 1, kReadWrite), Error::Eacces) << touched;
        EXPECT_EQ(protect(kData, 2, kReadOnly), Error{});
        EXPECT_EQ(read(kData), 0u);
        EXPECT_FALSE(can_execute(kCode));
        EXPECT_EQ(protect(kCode, 1, kReadExecute), Error{});
        EXPECT_TRUE(can_execute(kCode));
    }
}

TEST_F(KernelAreas, AreTheSameInAChild)
{
    EXPECT_EQ(read(kData), 0u);
    auto child = memory_.fork();
    ASSERT_TRUE(child);
    cpu.run(*child, *frames_);
    EXPECT_EQ(read(kData), 0u);
    EXPECT_TRUE(can_execute(kCode)) << "not touched by the parent";
    EXPECT_EQ(write(kData, 1), FaultResult::NotAllowed);
    EXPECT_EQ(child->protect(kData, kPageSize, kReadWrite).error(), Error::Eacces);
    cpu.run(memory_, *frames_);
    child->destroy();
    EXPECT_EQ(read(kData), 0u);
    EXPECT_EQ(frames_->holders(zero_page_), 1u);
}

TEST_F(KernelAreas, MoveAndDoNotGrow)
{
    const VirtAddr elsewhere = kPlace + 0x100 * kPageSize;
    EXPECT_EQ(read(kCode), 0u);
    for (const VirtAddr page : {kData, kCode}) {
        UserMemory::Remap larger{.address = page, .old_length = kPageSize, .new_length = 2 * kPageSize};
        EXPECT_EQ(memory_.remap(larger).error(), Error::Efault);
        larger.may_move = true;
        EXPECT_EQ(memory_.remap(larger).error(), Error::Efault);
        ASSERT_TRUE(memory_.remap({.address = page,
                                   .old_length = kPageSize,
                                   .new_length = kPageSize,
                                   .may_move = true,
                                   .fixed = true,
                                   .new_address = elsewhere + (page - kData)}));
        EXPECT_EQ(read(page), no(FaultResult::NotMapped));
    }
    EXPECT_EQ(read(elsewhere), 0u);
    EXPECT_TRUE(can_execute(elsewhere + kPageSize));
    EXPECT_EQ(protect(elsewhere, 1, kReadWrite), Error::Eacces);
    EXPECT_TRUE(memory_.discard(elsewhere, 2 * kPageSize));
    EXPECT_EQ(read(elsewhere), 0u) << "the same page again";
}

TEST_F(KernelAreas, GoAndLeaveNothingBehind)
{
    EXPECT_EQ(read(kData), 0u);
    EXPECT_TRUE(can_execute(kCode));
    ASSERT_TRUE(memory_.unmap(kData, 2 * kPageSize));
    EXPECT_EQ(frames_->free_frames(), empty_);
    EXPECT_EQ(frames_->holders(zero_page_), 1u);
    map_at(kData, 2);
    EXPECT_EQ(write(kData, 1), FaultResult::Handled) << "now the program's own";
    EXPECT_EQ(write(kCode, 1), FaultResult::Handled);
}

TEST_F(KernelAreas, CountAgainstNoLimit)
{
    memory_.set_limits({.bytes = 2 * kPageSize});
    const VirtAddr own = kPlace + 0x100 * kPageSize;
    map_at(own, 2);
    EXPECT_FALSE(memory_.map({{}, kPageSize, kReadWrite}));
    ASSERT_TRUE(memory_.unmap(own, 2 * kPageSize));
    const auto instead = memory_.map({kData, 3 * kPageSize, kReadWrite, UserMemory::Placement::Fixed});
    EXPECT_FALSE(instead) << "what is replaced did not count either";
}

} // namespace
