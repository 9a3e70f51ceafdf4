// SPDX-License-Identifier: MIT
// SYSRET by both manuals: where they agree, and the points where they do not.  [SDM 2B SYSRET; APM 3 SYSRET]
#include "model/sysret.h"
#include "support/cpu_state_matchers.h"
#include "support/model_guest.h"

namespace ringcheck::model {
namespace {

constexpr std::uint64_t kFirstNonCanonical = std::uint64_t{1} << 47;

class SysretInstruction : public testing::Test {
protected:
    SysretInstruction()
    {
        before[Gpr::Rcx] = 0x0000'7fff'dead'beef;
        before[Gpr::R11] = 0x246;
        before.interrupt_shadow = true;
    }
    /// What both manuals agree on.
    CpuState in_ring_3() const
    {
        CpuState expected = before;
        expected.rip = before[Gpr::Rcx];
        expected.rflags = 0x246;
        expected.cs = {0x23, 0, 0xffff'ffff, 0x00a0'fb00};
        expected.cpl = 3;
        expected.interrupt_shadow = false;
        return expected;
    }

    ModelGuest guest;
    CpuState before = guest.ring_0();
};

TEST_F(SysretInstruction, ReturnsToRing3AndLoadsSsWholeOnIntel)
{
    CpuState expected = in_ring_3();
    expected.ss = {0x1b, 0, 0xffff'ffff, 0x00c0'f300};
    const auto after = sysret(before, OperandSize::Bits64, Vendor::Intel);
    ASSERT_TRUE(after);
    EXPECT_TRUE(same_state(*after, expected));
}

TEST_F(SysretInstruction, ReturnsToRing3AndLoadsOnlyTheSsSelectorOnAmd)
{
    before.ss = SegmentRegister{}; // as an interrupt from ring 3 leaves it: unusable
    CpuState expected = in_ring_3();
    expected.ss.selector = 0x1b;
    const auto after = sysret(before, OperandSize::Bits64, Vendor::Amd);
    ASSERT_TRUE(after);
    EXPECT_TRUE(same_state(*after, expected));
}

TEST_F(SysretInstruction, ForcesTheRplOfSsOnIntelOnly)
{
    before.star = arch::star::kSysretBase.put(0x10);
    const auto intel = sysret(before, OperandSize::Bits64, Vendor::Intel);
    const auto amd = sysret(before, OperandSize::Bits64, Vendor::Amd);
    ASSERT_TRUE(intel && amd);
    EXPECT_EQ(intel->ss.selector, 0x1b);
    EXPECT_EQ(amd->ss.selector, 0x18);
    EXPECT_EQ(intel->cs.selector, 0x23);
    EXPECT_EQ(amd->cs.selector, 0x23);
}

TEST_F(SysretInstruction, ReturnsToCompatibilityModeWith32BitOperands)
{
    CpuState expected = in_ring_3();
    expected.rip = 0xdead'beef;
    expected.cs = {0x13, 0, 0xffff'ffff, 0x00c0'fb00};
    expected.ss = {0x1b, 0, 0xffff'ffff, 0x00c0'f300};
    const auto after = sysret(before, OperandSize::Bits32, Vendor::Intel);
    ASSERT_TRUE(after);
    EXPECT_TRUE(same_state(*after, expected));
    EXPECT_FALSE(after->in_64_bit_mode());
}

TEST_F(SysretInstruction, LoadsEveryFlagButRfAndVmFromR11)
{
    for (unsigned position = 0; position != 64; ++position) {
        before[Gpr::R11] = std::uint64_t{1} << position;
        const bool taken = position < 22 && (0x3c'7fd7u >> position & 1) != 0;
        for (const Vendor vendor : {Vendor::Intel, Vendor::Amd}) {
            const auto after = sysret(before, OperandSize::Bits64, vendor);
            ASSERT_TRUE(after);
            EXPECT_EQ(hex(after->rflags), hex((taken ? before[Gpr::R11] : 0) | 2)) << "R11 bit " << position;
        }
    }
}

TEST_F(SysretInstruction, RefusesANonCanonicalRcxInRing0OnIntel)
{
    for (const std::uint64_t rcx : {kFirstNonCanonical, ~kFirstNonCanonical, std::uint64_t{0xffff'7fff'ffff'ffff}}) {
        before[Gpr::Rcx] = rcx;
        const auto after = sysret(before, OperandSize::Bits64, Vendor::Intel);
        ASSERT_FALSE(after) << hex(rcx);
        EXPECT_EQ(after.error(), exception(13, Reason::SysretRcxNonCanonical, 0));
    }
}

TEST_F(SysretInstruction, TakesANonCanonicalRcxToRing3OnAmd)
{
    before[Gpr::Rcx] = kFirstNonCanonical;
    const auto after = sysret(before, OperandSize::Bits64, Vendor::Amd);
    ASSERT_TRUE(after);
    EXPECT_EQ(after->rip, kFirstNonCanonical);
    EXPECT_EQ(after->cpl, 3);
}

TEST_F(SysretInstruction, DoesNotLookAtTheUpperHalfOfRcxWith32BitOperands)
{
    before[Gpr::Rcx] = kFirstNonCanonical | 0x1000;
    const auto after = sysret(before, OperandSize::Bits32, Vendor::Intel);
    ASSERT_TRUE(after);
    EXPECT_EQ(after->rip, 0x1000u);
}

TEST_F(SysretInstruction, AcceptsTheEdgesOfTheCanonicalHalves)
{
    for (const std::uint64_t rcx : {kFirstNonCanonical - 1, std::uint64_t{0xffff'8000'0000'0000}}) {
        before[Gpr::Rcx] = rcx;
        EXPECT_TRUE(sysret(before, OperandSize::Bits64, Vendor::Intel)) << hex(rcx);
    }
}

TEST_F(SysretInstruction, ChecksInTheManualsOrder)
{
    before.efer &= ~arch::efer::kSyscallEnable;
    before.cs.attributes &= ~(1u << 21);
    before.cpl = 3;
    before[Gpr::Rcx] = kFirstNonCanonical;
    const auto reason = [this](Vendor vendor) { return fault_of(sysret(before, OperandSize::Bits64, vendor)); };
    EXPECT_EQ(reason(Vendor::Intel), exception(6, Reason::SysretNotEnabled));
    EXPECT_EQ(reason(Vendor::Amd), exception(6, Reason::SysretNotEnabled));
    before.efer |= arch::efer::kSyscallEnable;
    EXPECT_EQ(reason(Vendor::Intel), exception(6, Reason::SysretOutside64BitMode));
    EXPECT_EQ(reason(Vendor::Amd), exception(13, Reason::SysretNotRing0, 0));
    before.cs.attributes |= 1u << 21;
    EXPECT_EQ(reason(Vendor::Intel), exception(13, Reason::SysretNotRing0, 0));
    before.cpl = 0;
    EXPECT_EQ(reason(Vendor::Intel), exception(13, Reason::SysretRcxNonCanonical, 0));
    before.cs.attributes &= ~(1u << 21);
    EXPECT_EQ(reason(Vendor::Amd).reason, Reason::ModeUnmodelled);
}

} // namespace
} // namespace ringcheck::model
