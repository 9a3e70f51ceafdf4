// SPDX-License-Identifier: MIT
// SWAPGS, WRFSBASE/WRGSBASE, LGDT and LIDT: what they write and when they are refused.
#include "model/segment_base.h"
#include "model/table_register.h"
#include "support/cpu_state_matchers.h"
#include "support/model_guest.h"

namespace ringcheck::model {
namespace {

constexpr std::uint64_t kHole = std::uint64_t{1} << 47;
constexpr std::uint64_t kFsGsBase = 1 << 16;

class BaseRegisters : public testing::Test {
protected:
    ModelGuest guest;
    CpuState ring_0 = guest.ring_0();
    CpuState ring_3 = guest.ring_3();
};

TEST_F(BaseRegisters, AreExchangedBySwapgsAndNothingElseChanges)
{
    CpuState expected = ring_0;
    expected.gs.base = ring_0.kernel_gs_base;
    expected.kernel_gs_base = ring_0.gs.base;
    const auto after = swapgs(ring_0);
    ASSERT_TRUE(after);
    EXPECT_TRUE(same_state(*after, expected));
    EXPECT_TRUE(same_state(swapgs(*after).value_or(CpuState{}), ring_0));
}

TEST_F(BaseRegisters, AreClosedToSwapgsOutsideRing0AndOutside64BitMode)
{
    EXPECT_EQ(fault_of(swapgs(ring_3)), exception(13, Reason::InstructionNotRing0, 0));
    ring_3.cs.attributes &= ~(1u << 21);
    EXPECT_EQ(fault_of(swapgs(ring_3)), exception(6, Reason::SwapgsOutside64BitMode));
}

TEST_F(BaseRegisters, AreWrittenFromRing3WhenCr4Allows)
{
    EXPECT_EQ(fault_of(write_base(ring_3, BaseRegister::Gs, 1)), exception(6, Reason::FsGsBaseNotEnabled));
    ring_3.cr4 |= kFsGsBase;
    CpuState expected = ring_3;
    expected.gs.base = 0xffff'8000'0000'0000; // canonical is all it must be
    EXPECT_TRUE(same_state(write_base(ring_3, BaseRegister::Gs, expected.gs.base).value_or(CpuState{}), expected));
    expected = ring_3;
    expected.fs.base = kHole - 1;
    EXPECT_TRUE(same_state(write_base(ring_3, BaseRegister::Fs, expected.fs.base).value_or(CpuState{}), expected));
    EXPECT_EQ(fault_of(write_base(ring_3, BaseRegister::Fs, kHole)), exception(13, Reason::BaseNonCanonical, 0));
    ring_3.cs.attributes &= ~(1u << 21);
    EXPECT_EQ(fault_of(write_base(ring_3, BaseRegister::Fs, 1)), exception(6, Reason::FsGsBaseNotEnabled));
}

TEST_F(BaseRegisters, OfTheTablesAreLoadedInRing0WithACanonicalBase)
{
    const TableRegister value{0xffff'ffff'8000'0000, 0x1234};
    CpuState expected = ring_0;
    expected.gdtr = value;
    EXPECT_TRUE(same_state(load_table_register(ring_0, DescriptorTable::Gdt, value).value_or(CpuState{}), expected));
    expected = ring_0;
    expected.idtr = value;
    EXPECT_TRUE(same_state(load_table_register(ring_0, DescriptorTable::Idt, value).value_or(CpuState{}), expected));
    for (const auto which : {DescriptorTable::Gdt, DescriptorTable::Idt}) {
        EXPECT_EQ(fault_of(load_table_register(ring_3, which, value)), exception(13, Reason::InstructionNotRing0, 0));
        EXPECT_EQ(fault_of(load_table_register(ring_0, which, {kHole, 0})),
                  exception(13, Reason::TableBaseNonCanonical, 0));
    }
}

} // namespace
} // namespace ringcheck::model
