// SPDX-License-Identifier: MIT
// MOV to CR: every bit alone, every forbidden combination, and the switch to long mode.  [SDM 2B MOV to CR]
#include "model/control_register.h"
#include "support/cpu_state_matchers.h"
#include "support/model_guest.h"

namespace ringcheck::model {
namespace {

constexpr std::uint64_t kPg = 1ull << 31, kCd = 1ull << 30, kNw = 1ull << 29, kPe = 1;

class ControlRegister : public testing::Test {
protected:
    /// 32-bit protected mode, just before long mode.
    CpuState before_long_mode() const
    {
        CpuState state = guest.ring_0();
        state.cs.attributes = 0x00c0'9b00;
        state.cr0 = kPe | 0x10;
        state.efer = arch::efer::kLongModeEnable;
        return state;
    }

    ModelGuest guest;
    CpuState before = guest.ring_0();
};

TEST_F(ControlRegister, WritesEachRegisterAndNothingElse)
{
    CpuState expected = before;
    expected.cr2 = 0x0000'8000'0000'1234;
    EXPECT_TRUE(same_state(mov_to_control_register(before, 2, expected.cr2).value_or(CpuState{}), expected));
    expected = before;
    expected.cr3 = 0x00ff'ffff'f018;
    expected.cr3 &= (1ull << 40) - 1;
    EXPECT_TRUE(same_state(mov_to_control_register(before, 3, expected.cr3).value_or(CpuState{}), expected));
    expected = before;
    expected.cr4 = supported_cr4({});
    EXPECT_TRUE(same_state(mov_to_control_register(before, 4, expected.cr4).value_or(CpuState{}), expected));
    expected = before;
    expected.cr8 = 15;
    EXPECT_TRUE(same_state(mov_to_control_register(before, 8, 15).value_or(CpuState{}), expected));
    expected = before;
    expected.cr0 = before.cr0 | arch::cr0::kTaskSwitched;
    EXPECT_TRUE(same_state(mov_to_control_register(before, 0, expected.cr0).value_or(CpuState{}), expected));
}

TEST_F(ControlRegister, IsForRing0OnlyAndExistsForFiveNumbers)
{
    for (unsigned number = 0; number != 16; ++number) {
        const bool exists = number == 0 || (number >= 2 && number <= 4) || number == 8;
        before.cpl = 3;
        EXPECT_EQ(fault_of(mov_to_control_register(before, number, 0)),
                  exists ? exception(13, Reason::CrNotRing0, 0) : exception(6, Reason::CrUnknown));
    }
}

TEST_F(ControlRegister, KnowsEachReservedBit)
{
    for (unsigned position = 0; position != 64; ++position) {
        const std::uint64_t bit = std::uint64_t{1} << position;
        const auto refused = [&](unsigned number, std::uint64_t base) {
            const auto after = mov_to_control_register(before, number, base | bit);
            return after ? Reason::None : after.error().reason;
        };
        const auto reason_if = [](bool broken, Reason reason) { return broken ? reason : Reason::None; };
        const Reason cr0_low = position == 29 ? Reason::Cr0NotWriteThroughWithoutCacheDisable : Reason::None;
        EXPECT_EQ(refused(0, before.cr0), position >= 32 ? Reason::Cr0UpperBits : cr0_low) << "CR0 bit " << position;
        EXPECT_EQ(refused(3, 0), reason_if(position >= 40, Reason::Cr3ReservedBits)) << "CR3 bit " << position;
        constexpr std::uint64_t kCr4Bits = 0x31'0ffc; // from the manual's figure, features of the modelled CPU
        EXPECT_EQ(refused(4, before.cr4), reason_if((kCr4Bits & bit) == 0, Reason::Cr4ReservedBits))
            << "CR4 bit " << position;
        EXPECT_EQ(refused(8, 0), reason_if(position >= 4, Reason::Cr8ReservedBits)) << "CR8 bit " << position;
    }
}

TEST_F(ControlRegister, DropsTheReservedBitsOfCr0AndKeepsEt)
{
    const auto after = mov_to_control_register(before_long_mode(), 0, 0x1ffa'ffc0 | kPe);
    ASSERT_TRUE(after);
    EXPECT_EQ(hex(after->cr0), hex(kPe | 0x10));
}

TEST_F(ControlRegister, RefusesForbiddenCombinationsOfCr0)
{
    for (unsigned combination = 0; combination != 16; ++combination) {
        CpuState state = before_long_mode();
        const bool pg = (combination & 1) != 0, pe = (combination & 2) != 0, nw = (combination & 4) != 0,
                   cd = (combination & 8) != 0;
        const auto after =
            mov_to_control_register(state, 0, (pg ? kPg : 0) | (pe ? kPe : 0) | (nw ? kNw : 0) | (cd ? kCd : 0));
        EXPECT_EQ(after.has_value(), !(pg && !pe) && !(nw && !cd)) << combination;
    }
}

TEST_F(ControlRegister, ActivatesLongModeWithPaging)
{
    const CpuState state = before_long_mode();
    CpuState expected = state;
    expected.cr0 = kPg | kPe | 0x10;
    expected.efer |= arch::efer::kLongModeActive;
    const auto after = mov_to_control_register(state, 0, kPg | kPe | 0x10);
    ASSERT_TRUE(after);
    EXPECT_TRUE(same_state(*after, expected));
    const auto back = mov_to_control_register(*after, 0, kPe | 0x10); // from compatibility mode
    ASSERT_TRUE(back);
    EXPECT_TRUE(same_state(*back, state));
}

TEST_F(ControlRegister, ActivatesNothingWithoutLme)
{
    CpuState state = before_long_mode();
    state.efer = 0;
    const auto after = mov_to_control_register(state, 0, kPg | kPe);
    ASSERT_TRUE(after);
    EXPECT_EQ(after->efer, 0u);
}

TEST_F(ControlRegister, GuardsTheWayIntoLongModeAndOutOfIt)
{
    CpuState state = before_long_mode();
    state.cr4 = 0;
    EXPECT_EQ(fault_of(mov_to_control_register(state, 0, kPg | kPe)), exception(13, Reason::Cr0LongModeWithoutPae, 0));
    state = before_long_mode();
    state.cs.attributes |= 1u << 21;
    EXPECT_EQ(fault_of(mov_to_control_register(state, 0, kPg | kPe)), exception(13, Reason::Cr0LongModeWithLongCs, 0));
    state = before_long_mode();
    state.tr.attributes = 0x8300;
    EXPECT_EQ(fault_of(mov_to_control_register(state, 0, kPg | kPe)),
              exception(13, Reason::Cr0LongModeWith16BitTss, 0));
    state.efer = 0;
    EXPECT_TRUE(mov_to_control_register(state, 0, kPg | kPe)) << "without long mode it may stay";
    EXPECT_EQ(fault_of(mov_to_control_register(before, 0, before.cr0 & ~kPg)),
              exception(13, Reason::Cr0PagingOffIn64BitMode, 0));
    EXPECT_EQ(fault_of(mov_to_control_register(before, 4, before.cr4 & ~0x20ull)),
              exception(13, Reason::Cr4PaeOffInLongMode, 0));
}

TEST_F(ControlRegister, HasTheCr4BitsOfWhatTheCpuOffersAndNoOthers)
{
    constexpr std::pair<bool Features::*, std::uint64_t> kRows[] = {
        {&Features::virtual_interrupts, 1 << 1},
        {&Features::debugging_extensions, 1 << 3},
        {&Features::page_size_extensions, 1 << 4},
        {&Features::machine_check, 1 << 6},
        {&Features::global_pages, 1 << 7},
        {&Features::umip, 1 << 11},
        {&Features::fs_gs_base, 1 << 16},
        {&Features::pcid, 1 << 17},
        {&Features::xsave, 1 << 18},
        {&Features::smep, 1 << 20},
        {&Features::smap, 1 << 21},
        {&Features::protection_keys, 1 << 22},
    };
    before.cr4 = 1 << 5; // PAE, which long mode needs
    for (const auto& [feature, offered_bit] : kRows) {
        Features none;
        for (const auto& row : kRows) {
            none.*row.first = false;
        }
        Features one = none;
        one.*feature = true;
        for (const auto& [other, bit] : kRows) {
            const std::uint64_t value = before.cr4 | bit;
            EXPECT_EQ(fault_of(mov_to_control_register(before, 4, value, none)),
                      exception(13, Reason::Cr4ReservedBits, 0));
            const auto after = mov_to_control_register(before, 4, value, one);
            ASSERT_EQ(after.has_value(), bit == offered_bit) << hex(bit) << ' ' << hex(offered_bit);
            EXPECT_EQ(hex(after ? after->cr4 : value), hex(value));
        }
    }
}

TEST_F(ControlRegister, TakesPcidsInLongModeAloneAndWithPcidZeroFirst)
{
    constexpr std::uint64_t kPcide = 1 << 17;
    constexpr Features kFeatures{.pcid = true};
    for (unsigned low = 0; low != 12; ++low) {
        CpuState state = before;
        state.cr3 |= 1ull << low;
        EXPECT_EQ(fault_of(mov_to_control_register(state, 4, state.cr4 | kPcide, kFeatures)),
                  exception(13, Reason::Cr4PcideWithPcid, 0));
        state.cr4 |= kPcide;
        EXPECT_TRUE(mov_to_control_register(state, 4, state.cr4, kFeatures)) << "it is set already";
    }
    EXPECT_EQ(fault_of(mov_to_control_register(before_long_mode(), 4, before.cr4 | kPcide, kFeatures)),
              exception(13, Reason::Cr4PcideOutsideLongMode, 0));
    CpuState compatibility = before;
    compatibility.cs.attributes = 0x00c0'9b00;
    compatibility.cr4 |= kPcide;
    EXPECT_EQ(fault_of(mov_to_control_register(compatibility, 0, compatibility.cr0 & ~kPg, kFeatures)),
              exception(13, Reason::Cr0PagingOffWithPcide, 0));
}

TEST_F(ControlRegister, IsFreeOfLongModesRulesOutsideLongMode)
{
    CpuState state = before_long_mode();
    state.cr4 = 0;
    EXPECT_TRUE(mov_to_control_register(state, 4, 0)) << "no PAE";
    EXPECT_TRUE(mov_to_control_register(state, 0, kPe)) << "paging stays off: LME alone asks for nothing";
    state.efer = 0;
    EXPECT_TRUE(mov_to_control_register(state, 0, kPg | kPe)) << "32-bit paging";
}

TEST_F(ControlRegister, LetsPagingStayOnWithPcids)
{
    before.cr4 |= 1 << 17;
    EXPECT_TRUE(mov_to_control_register(before, 0, before.cr0));
}

TEST_F(ControlRegister, KeepsBit63OutOfCr3)
{
    constexpr std::uint64_t kNoFlush = 1ull << 63;
    EXPECT_EQ(fault_of(mov_to_control_register(before, 3, kNoFlush | 0x1000)),
              exception(13, Reason::Cr3ReservedBits, 0));
    before.cr4 |= 1 << 17;
    CpuState expected = before;
    expected.cr3 = 0x3fff;
    EXPECT_TRUE(same_state(mov_to_control_register(before, 3, kNoFlush | 0x3fff).value_or(CpuState{}), expected));
}

} // namespace
} // namespace ringcheck::model
