// SPDX-License-Identifier: MIT
// SYSCALL changes exactly what the manual lists, and is refused where it must be.  [SDM 2B SYSCALL; APM 3 SYSCALL]
#include "model/syscall.h"
#include "support/cpu_state_matchers.h"
#include "support/model_guest.h"

namespace ringcheck::model {
namespace {

class SyscallInstruction : public testing::Test {
protected:
    ModelGuest guest;
    CpuState before = guest.ring_3();
};

TEST_F(SyscallInstruction, EntersRing0AndChangesNothingElse)
{
    before.interrupt_shadow = true;
    CpuState expected = before;
    expected[Gpr::Rcx] = before.rip;
    expected[Gpr::R11] = before.rflags;
    expected.rip = before.lstar;
    expected.rflags = 0x003; // IF is in FMASK, CF is not; bit 1 always reads 1
    expected.cs = {0x08, 0, 0xffff'ffff, 0x00a0'9b00};
    expected.ss = {0x10, 0, 0xffff'ffff, 0x00c0'9300};
    expected.cpl = 0;
    expected.interrupt_shadow = false;

    for (const Vendor vendor : {Vendor::Intel, Vendor::Amd}) {
        const auto after = syscall(before, vendor);
        ASSERT_TRUE(after);
        EXPECT_TRUE(same_state(*after, expected));
    }
}

TEST_F(SyscallInstruction, IsAllowedInRing0)
{
    EXPECT_TRUE(syscall(guest.ring_0(), Vendor::Intel));
}

TEST_F(SyscallInstruction, ClearsExactlyTheFlagsThatFmaskNames)
{
    before.rflags = arch::rflags::kDefined | arch::rflags::kAlwaysOne;
    for (unsigned position = 0; position != 64; ++position) {
        before.fmask = std::uint64_t{1} << position;
        const auto after = syscall(before, Vendor::Intel);
        ASSERT_TRUE(after);
        std::uint64_t expected = before.rflags & ~before.fmask;
        expected &= ~(std::uint64_t{1} << 16); // RF never survives
        expected |= 2;
        EXPECT_EQ(hex(after->rflags), hex(expected)) << "FMASK bit " << position;
    }
}

TEST_F(SyscallInstruction, SavesEveryFlagButRfInR11)
{
    before.fmask = ~std::uint64_t{0};
    for (unsigned position = 0; position != 22; ++position) {
        before.rflags = (std::uint64_t{1} << position & arch::rflags::kDefined) | 2;
        const auto after = syscall(before, Vendor::Intel);
        ASSERT_TRUE(after);
        EXPECT_EQ(hex((*after)[Gpr::R11]), hex(position == 16 ? 2 : before.rflags)) << "RFLAGS bit " << position;
        EXPECT_EQ(after->rflags, 2u);
    }
}

TEST_F(SyscallInstruction, TakesItsSelectorsFromStarUnchecked)
{
    before.star = std::uint64_t{0xfff3} << 32;
    const auto after = syscall(before, Vendor::Intel);
    ASSERT_TRUE(after);
    EXPECT_EQ(after->cs.selector, 0xfff0); // RPL is cleared in CS
    EXPECT_EQ(after->ss.selector, 0xfffb); // and left as it is in SS
    EXPECT_EQ(after->cs.dpl(), 0u);
}

TEST_F(SyscallInstruction, IsUndefinedWithoutSce)
{
    before.efer &= ~arch::efer::kSyscallEnable;
    EXPECT_EQ(fault_of(syscall(before, Vendor::Intel)), exception(6, Reason::SyscallNotEnabled));
    EXPECT_EQ(fault_of(syscall(before, Vendor::Amd)), exception(6, Reason::SyscallNotEnabled));
}

TEST_F(SyscallInstruction, IsUndefinedInCompatibilityModeOnIntelOnly)
{
    before.cs.attributes &= ~(1u << 21);
    EXPECT_EQ(fault_of(syscall(before, Vendor::Intel)), exception(6, Reason::SyscallOutside64BitMode));
    const auto after = syscall(before, Vendor::Amd);
    ASSERT_TRUE(after);
    EXPECT_EQ(after->rip, before.cstar);
    EXPECT_TRUE(after->in_64_bit_mode());
}

TEST_F(SyscallInstruction, HasNoAnswerForLegacyModeOnAmd)
{
    before.efer &= ~arch::efer::kLongModeActive;
    EXPECT_EQ(fault_of(syscall(before, Vendor::Intel)).reason, Reason::SyscallOutside64BitMode);
    EXPECT_TRUE(outside_the_model(fault_of(syscall(before, Vendor::Amd)).reason));
}

} // namespace
} // namespace ringcheck::model
