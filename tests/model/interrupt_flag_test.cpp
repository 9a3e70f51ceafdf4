// SPDX-License-Identifier: MIT
// CLI, STI and POPF for every CPL, IOPL and virtual-interrupt state, and for every flag.
// [SDM 2A CLI; SDM 2B STI, POPF/POPFD/POPFQ]
#include "model/interrupt_flag.h"
#include "support/cpu_state_matchers.h"
#include "support/model_guest.h"

namespace ringcheck::model {
namespace {

constexpr std::uint64_t kIf = 1 << 9, kVif = 1 << 19, kVip = 1 << 20;

class InterruptFlag : public testing::Test {
protected:
    ModelGuest guest;
    CpuState before = guest.ring_0();
};

TEST_F(InterruptFlag, BelongsToWhomIoplSaysAndElseIsVirtualOrRefused)
{
    for (unsigned number = 0; number != 4u * 4 * 2 * 2 * 2 * 2; ++number) {
        const unsigned cpl = number % 4, iopl = number / 4 % 4;
        const bool pvi = (number & 16) != 0, flag = (number & 32) != 0, vif = (number & 64) != 0,
                   vip = (number & 128) != 0;
        before.cpl = static_cast<std::uint8_t>(cpl);
        before.cr4 = pvi ? 2 : 0;
        before.rflags = 2 | iopl << 12 | (flag ? kIf : 0) | (vif ? kVif : 0) | (vip ? kVip : 0);
        CpuState cleared = before, set = before;
        Fault cli_fault, sti_fault;
        if (cpl <= iopl) {
            cleared.rflags &= ~kIf;
            set.rflags |= kIf;
            set.interrupt_shadow = !flag;
        } else if (cpl == 3 && pvi) {
            cleared.rflags &= ~kVif;
            set.rflags |= kVif;
            sti_fault = vip ? exception(13, Reason::InterruptFlagVip, 0) : Fault{};
        } else {
            cli_fault = sti_fault = exception(13, Reason::InstructionIopl, 0);
        }
        const auto after_cli = cli(before), after_sti = sti(before);
        ASSERT_EQ(fault_of(after_cli), cli_fault) << number;
        ASSERT_EQ(fault_of(after_sti), sti_fault) << number;
        if (after_cli) {
            EXPECT_TRUE(same_state(*after_cli, cleared)) << number;
        }
        if (after_sti) {
            EXPECT_TRUE(same_state(*after_sti, set)) << number;
        }
    }
}

TEST_F(InterruptFlag, CastsItsShadowOnceAndEndsTheOneBefore)
{
    before.rflags = 2;
    before.interrupt_shadow = before.mov_ss_shadow = true;
    const auto first = sti(before);
    ASSERT_TRUE(first);
    EXPECT_TRUE(first->interrupt_shadow);
    EXPECT_FALSE(first->mov_ss_shadow);
    EXPECT_FALSE(sti(*first).value_or(*first).interrupt_shadow) << "a second STI finds IF set";
    EXPECT_FALSE(cli(*first).value_or(*first).interrupt_shadow);
    EXPECT_FALSE(pop_flags(before, kIf | 2, OperandSize::Bits64).interrupt_shadow) << "POPF has none";
    EXPECT_FALSE(pop_flags(before, kIf | 2, OperandSize::Bits64).mov_ss_shadow);
}

TEST_F(InterruptFlag, IsPoppedWithEachFlagThatTheRingMayChangeAndNoOther)
{
    constexpr std::uint64_t kAlways = 0x24'4dd5; // CF PF AF ZF SF TF DF OF NT AC ID
    unsigned cases = 0;
    for (unsigned cpl = 0; cpl != 4; ++cpl) {
        for (std::uint64_t iopl = 0; iopl != 4; ++iopl) {
            const std::uint64_t may = kAlways | (cpl <= iopl ? kIf : 0) | (cpl == 0 ? 0x3000u : 0);
            for (const OperandSize size : {OperandSize::Bits16, OperandSize::Bits64}) {
                for (unsigned position = 0; position != 64; ++position) {
                    for (const bool old_value : {false, true}) {
                        const std::uint64_t bit = std::uint64_t{1} << position;
                        before.cpl = static_cast<std::uint8_t>(cpl);
                        before.rflags = ((old_value ? 0x003f'7fd7 : 2) & ~std::uint64_t{0x3000}) | iopl << 12;
                        const std::uint64_t reachable = size == OperandSize::Bits16 ? may & 0xffff : may;
                        CpuState expected = before;
                        expected.rflags = ((before.rflags & ~reachable) | (bit & reachable) | 2) & ~(1ull << 16);
                        ASSERT_TRUE(same_state(pop_flags(before, bit, size), expected))
                            << "cpl " << cpl << " iopl " << iopl << " bit " << position;
                        ++cases;
                    }
                }
            }
        }
    }
    EXPECT_EQ(cases, 4u * 4 * 2 * 64 * 2);
}

} // namespace
} // namespace ringcheck::model
