// SPDX-License-Identifier: MIT
// MOV DR: names, rings, general detect, and every bit of DR6 and DR7.  [SDM 2B MOV DR; SDM 3B "Debug Registers"]
#include "model/debug_register.h"
#include "support/cpu_state_matchers.h"
#include "support/model_guest.h"

namespace ringcheck::model {
namespace {

constexpr std::uint64_t kDe = 8, kGd = 1 << 13;

Fault general_detect()
{
    Fault fault = exception(1, Reason::DrGeneralDetect);
    fault.dr6 = 1 << 13;
    return fault;
}

class DebugRegister : public testing::Test {
protected:
    ModelGuest guest;
    CpuState before = guest.ring_0();
};

TEST_F(DebugRegister, IsWrittenAndReadUnderItsNumber)
{
    std::uint64_t CpuState::* const registers[] = {&CpuState::dr0, &CpuState::dr1, &CpuState::dr2, &CpuState::dr3,
                                                   &CpuState::dr6, &CpuState::dr7, &CpuState::dr6, &CpuState::dr7};
    for (unsigned number = 0; number != 8; ++number) {
        CpuState expected = before;
        const std::uint64_t value = number < 4 ? 0x0000'8000'0000'1234 + number : number % 2 == 0 ? 0xffff'0ff5 : 0x755;
        expected.*registers[number] = value;
        const auto after = mov_to_debug_register(before, number, value);
        ASSERT_TRUE(after) << number;
        EXPECT_TRUE(same_state(*after, expected)) << number;
        EXPECT_EQ(mov_from_debug_register(*after, number).value_or(0), value);
    }
}

TEST_F(DebugRegister, IsRefusedByNumberThenByRingThenByGeneralDetect)
{
    for (unsigned number = 0; number != 16; ++number) {
        for (unsigned flags = 0; flags != 8; ++flags) {
            const bool de = (flags & 1) != 0, ring_3 = (flags & 2) != 0, gd = (flags & 4) != 0;
            before.cr4 = de ? kDe : 0;
            before.cpl = ring_3 ? 3 : 0;
            before.dr7 = 0x400 | (gd ? kGd : 0);
            Fault expected;
            if (number > 7) {
                expected = exception(6, Reason::DrUnknown);
            } else if (de && (number == 4 || number == 5)) {
                expected = exception(6, Reason::DrAliasWithDebuggingExtensions);
            } else if (ring_3) {
                expected = exception(13, Reason::InstructionNotRing0, 0);
            } else if (gd) {
                expected = general_detect();
            }
            EXPECT_EQ(fault_of(mov_to_debug_register(before, number, 0)), expected) << number << ' ' << flags;
            EXPECT_EQ(fault_of(mov_from_debug_register(before, number)), expected) << number << ' ' << flags;
        }
    }
}

TEST_F(DebugRegister, KnowsEachBitOfDr6AndDr7)
{
    for (unsigned position = 0; position != 64; ++position) {
        const std::uint64_t bit = std::uint64_t{1} << position;
        const auto dr6 = mov_to_debug_register(before, 6, bit);
        const auto dr7 = mov_to_debug_register(before, 7, bit);
        if (position >= 32) {
            EXPECT_EQ(fault_of(dr6), exception(13, Reason::DrUpperBits, 0));
            EXPECT_EQ(fault_of(dr7), exception(13, Reason::DrUpperBits, 0));
            EXPECT_TRUE(mov_to_debug_register(before, 0, bit));
            continue;
        }
        ASSERT_TRUE(dr6 && dr7);
        EXPECT_EQ(dr6->dr6, 0xffff'0ff0 | (bit & 0xe00f)) << position;
        EXPECT_EQ(dr7->dr7, 0x400 | (bit & 0xffff'23ff)) << position;
    }
}

} // namespace
} // namespace ringcheck::model
