// SPDX-License-Identifier: MIT
// Paging without long mode: refused at once where PAE paging's four PDPTEs are none, outside the model else.
// [SDM 3A "PDPTE Registers"]
#include "model/legacy_paging.h"
#include "support/cpu_state_matchers.h"
#include "support/model_guest.h"

namespace ringcheck::model {
namespace {

using Guest = ModelGuest;

class LegacyPaging : public testing::Test {
protected:
    LegacyPaging()
    {
        state.efer = 0;
        for (unsigned index = 0; index != kPdptes; ++index) {
            set_pdpte(index, 0);
        }
    }
    void set_pdpte(unsigned index, std::uint64_t entry) { guest.set_word(Guest::kPml4 + 8ull * index, entry); }
    Fault checked() { return fault_of(check_legacy_paging(state, guest.memory())); }

    ModelGuest guest;
    CpuState state = guest.ring_0();
};

TEST_F(LegacyPaging, IsNoneWithoutPagingOrInLongMode)
{
    set_pdpte(0, Guest::kPdpt | 3); // as a PML4 has it
    EXPECT_EQ(checked().reason, Reason::PdpteReservedBits);
    state.efer = arch::efer::kLongModeActive;
    EXPECT_EQ(checked().reason, Reason::None);
    state.efer = 0;
    state.cr0 &= ~arch::cr0::kPaging;
    EXPECT_EQ(checked().reason, Reason::None);
}

TEST_F(LegacyPaging, RefusesEachReservedBitOfEachPresentPdpte)
{
    for (unsigned index = 0; index != kPdptes; ++index) {
        for (unsigned position = 0; position != 64; ++position) {
            const std::uint64_t bit = std::uint64_t{1} << position;
            const bool reserved = position == 1 || position == 2 || (position >= 5 && position <= 8) || position >= 40;
            set_pdpte(index, bit | 1);
            EXPECT_EQ(checked(),
                      reserved ? exception(13, Reason::PdpteReservedBits, 0) : no_answer(Reason::PagingModeUnmodelled))
                << index << ", bit " << position;
            set_pdpte(index, bit & ~1ull);
            EXPECT_EQ(checked().reason, Reason::PagingModeUnmodelled) << "not present";
        }
        set_pdpte(index, 0);
    }
}

TEST_F(LegacyPaging, ReadsThePdptesWhereCr3PointsAndNoFurther)
{
    state.cr3 = Guest::kPml4 + 0x20;
    guest.set_word(Guest::kPml4 + 0x18, 3);
    guest.set_word(Guest::kPml4 + 0x40, 3);
    EXPECT_EQ(checked().reason, Reason::PagingModeUnmodelled);
    guest.set_word(Guest::kPml4 + 0x38, 3);
    EXPECT_EQ(checked().reason, Reason::PdpteReservedBits);
    state.cr3 |= 0x1f; // ignored
    EXPECT_EQ(checked().reason, Reason::PdpteReservedBits);
    state.cr3 = Guest::kRamBytes;
    EXPECT_EQ(checked().reason, Reason::PageTableOutsideRam);
}

TEST_F(LegacyPaging, HasNoPdptesWithoutPae)
{
    set_pdpte(0, 3);
    state.cr4 &= ~arch::cr4::kPhysicalAddressExtension;
    EXPECT_EQ(checked().reason, Reason::PagingModeUnmodelled);
}

} // namespace
} // namespace ringcheck::model
