// SPDX-License-Identifier: MIT
// Linear accesses that cross pages: all or nothing, the right fault, the right CR2, and the A and D flags.
#include "model/memory_access.h"
#include "support/cpu_state_matchers.h"
#include "support/model_guest.h"

namespace ringcheck::model {
namespace {

using Guest = ModelGuest;
constexpr std::uint64_t kEdge = 0x19000; ///< a page boundary in kernel memory
constexpr std::uint64_t kHole = std::uint64_t{1} << 47;

class LinearMemory : public testing::Test {
protected:
    std::expected<void, Fault> write(std::uint64_t address, std::uint64_t value, Reference reference = Reference::Data)
    {
        return write_linear(state, guest.memory(), address, std::as_bytes(std::span{&value, 1}),
                            by_cpu(AccessKind::Write), reference);
    }
    std::expected<std::uint64_t, Fault> read(std::uint64_t address, Reference reference = Reference::Data)
    {
        return read_word<std::uint64_t>(state, guest.memory(), address, by_cpu(AccessKind::Read), reference);
    }

    Guest guest;
    CpuState state = guest.ring_0();
};

TEST_F(LinearMemory, CrossesToAPageThatLiesElsewhere)
{
    guest.set_page_entry(kEdge, 0x1d000 | 3);
    for (unsigned before_edge = 0; before_edge != 9; ++before_edge) {
        const std::uint64_t value = 0x0807'0605'0403'0201 * (before_edge + 1);
        ASSERT_TRUE(write(kEdge - before_edge, value));
        EXPECT_EQ(read(kEdge - before_edge).value_or(0), value) << before_edge;
        for (unsigned i = 0; i != 8; ++i) {
            const std::uint64_t physical = i < before_edge ? kEdge - before_edge + i : 0x1d000 + i - before_edge;
            EXPECT_EQ(guest.word(physical) & 0xff, value >> 8 * i & 0xff);
        }
    }
}

TEST_F(LinearMemory, FaultsAtTheFirstByteInTheMissingPageAndWritesNothing)
{
    guest.unmap(kEdge);
    guest.set_word(kEdge - 8, 0x5555);
    EXPECT_EQ(fault_of(write(kEdge - 3, ~0ull)), page_fault_at(kEdge, Reason::PageNotPresent, 2));
    EXPECT_EQ(fault_of(read(kEdge - 3)), page_fault_at(kEdge, Reason::PageNotPresent, 0));
    EXPECT_EQ(guest.word(kEdge - 8), 0x5555u);
    guest.unmap(kEdge - 1);
    EXPECT_EQ(fault_of(write(kEdge - 3, 0)), page_fault_at(kEdge - 3, Reason::PageNotPresent, 2));
}

TEST_F(LinearMemory, RefusesAnyNonCanonicalByteByTheKindOfReference)
{
    for (const std::uint64_t address : {kHole, kHole - 1, kHole - 7, 0xffff'8000'0000'0000 - 8}) {
        EXPECT_EQ(fault_of(read(address)), exception(13, Reason::AddressNonCanonical, 0)) << hex(address);
        EXPECT_EQ(fault_of(read(address, Reference::Stack)), exception(12, Reason::StackNonCanonical, 0));
        EXPECT_EQ(fault_of(write(address, 0, Reference::Stack)), exception(12, Reason::StackNonCanonical, 0));
    }
    EXPECT_EQ(fault_of(read(kHole - 8)).reason, Reason::PageNotPresent) << "the last canonical word";
}

TEST_F(LinearMemory, MarksOnlyAccessesThatSucceed)
{
    constexpr std::uint64_t kUsed = arch::PageEntry::kAccessed | arch::PageEntry::kDirty;
    guest.set_page_entry(kEdge, guest.page_entry(kEdge) & ~kUsed);
    ASSERT_TRUE(read(kEdge));
    EXPECT_EQ(guest.page_entry(kEdge) & kUsed, arch::PageEntry::kAccessed);
    ASSERT_TRUE(write(kEdge, 1));
    EXPECT_EQ(guest.page_entry(kEdge) & kUsed, kUsed);

    guest.set_page_entry(kEdge, guest.page_entry(kEdge) & ~kUsed);
    guest.set_page_entry(kEdge - 8, guest.page_entry(kEdge - 8) & ~kUsed);
    const std::uint64_t words[] = {1, 2};
    ASSERT_TRUE(push_words(state, guest.memory(), kEdge + 8, words, by_cpu(AccessKind::Write)));
    EXPECT_EQ(guest.page_entry(kEdge) & kUsed, kUsed);
    EXPECT_EQ(guest.page_entry(kEdge - 8) & kUsed, kUsed);

    guest.set_page_entry(kEdge, kEdge | arch::PageEntry::kPresent);
    ASSERT_FALSE(write(kEdge, 1));
    EXPECT_EQ(guest.page_entry(kEdge) & kUsed, 0u);
}

TEST_F(LinearMemory, PushesDownwardAndBlamesTheFirstWordInPushOrder)
{
    const std::uint64_t words[] = {1, 2, 3, 4};
    const auto pushed = push_words(state, guest.memory(), kEdge + 16, words, by_program(state, AccessKind::Write));
    ASSERT_TRUE(pushed);
    EXPECT_EQ(*pushed, kEdge - 16);
    for (unsigned i = 0; i != 4; ++i) {
        EXPECT_EQ(guest.word(kEdge + 8 - 8ull * i), i + 1);
    }
    const std::uint64_t other[] = {9, 9, 9, 9};
    guest.unmap(kEdge - 8);
    EXPECT_EQ(fault_of(push_words(state, guest.memory(), kEdge + 16, other, by_program(state, AccessKind::Write))),
              page_fault_at(kEdge - 8, Reason::PageNotPresent, 2));
    EXPECT_EQ(guest.word(kEdge), 2u);
    guest.unmap(kEdge);
    EXPECT_EQ(fault_of(push_words(state, guest.memory(), kEdge + 16, other, by_program(state, AccessKind::Write))),
              page_fault_at(kEdge + 8, Reason::PageNotPresent, 2));
    EXPECT_EQ(
        fault_of(push_words(state, guest.memory(), 0xffff'8000'0000'0000, other, by_cpu(AccessKind::Write))).reason,
        Reason::StackNonCanonical);
}

TEST_F(LinearMemory, LooksAtTheFirstByteOfAStackReferenceToo)
{
    std::array<std::byte, 8> bytes{};
    constexpr std::uint64_t kLastOfTheHole = 0xffff'7fff'ffff'fffc;
    EXPECT_EQ(
        fault_of(read_linear(state, guest.memory(), kLastOfTheHole, bytes, by_cpu(AccessKind::Read), Reference::Stack)),
        exception(12, Reason::StackNonCanonical, 0));
}

TEST_F(LinearMemory, HasNoHoleOutsideLongMode)
{
    state.efer = 0;
    state.cr0 &= ~arch::cr0::kPaging;
    std::array<std::byte, 8> bytes{};
    EXPECT_TRUE(read_linear(state, guest.memory(), 1ull << 47, bytes, by_cpu(AccessKind::Read), Reference::Data))
        << "an address has 32 bits there";
}

TEST_F(LinearMemory, IsWrittenByWordsInsideRamAloneAndPutBackByItsJournal)
{
    const PhysicalMemory memory = guest.memory();
    EXPECT_FALSE(memory.write_u64(arch::PhysAddr{memory.size_bytes() - 7}, 1));
    WriteJournal journal;
    const std::uint64_t before = guest.word(0x9000);
    EXPECT_TRUE(memory.journaled(journal).write_u64(arch::PhysAddr{0x9000}, ~before));
    EXPECT_TRUE(memory.journaled(journal).write_u64(arch::PhysAddr{0x9004}, 5));
    EXPECT_NE(guest.word(0x9000), before);
    journal.undo();
    EXPECT_EQ(guest.word(0x9000), before);
}

TEST_F(LinearMemory, HasNoAnswerOutsideRam)
{
    guest.set_page_entry(kEdge, Guest::kRamBytes | 3);
    EXPECT_EQ(fault_of(read(kEdge)).reason, Reason::AccessOutsideRam);
}

} // namespace
} // namespace ringcheck::model
