// SPDX-License-Identifier: MIT
// MXCSR has 16 bits.  [SDM 1 "MXCSR Control and Status Register"]
#include "arch/control_registers.h"
#include "model/float_control.h"
#include "support/cpu_state_matchers.h"
#include "support/model_guest.h"

#include <gtest/gtest.h>

namespace ringcheck::model {
namespace {

TEST(FloatControl, RefusesEachReservedBitOfMxcsr)
{
    EXPECT_TRUE(check_mxcsr(0xffff));
    for (unsigned position = 0; position != 32; ++position) {
        const auto checked = check_mxcsr(0x1f80 | 1u << position);
        ASSERT_EQ(checked.has_value(), position < 16) << position;
        if (!checked) {
            EXPECT_EQ(checked.error(), raise(arch::Vector::GeneralProtection, Reason::MxcsrReservedBits, 0));
        }
    }
}

TEST(FloatControl, RaisesWhatIsMetAndNotMaskedWithTheOperandsFirst)
{
    CpuState state;
    for (unsigned number = 0; number != 1u << 13; ++number) {
        const std::uint32_t met = number & 0x3f, unmasked = number >> 6 & 0x3f;
        state.cr4 = number >> 12 != 0 ? arch::cr4::kOsXmmExceptions : 0;
        const std::uint32_t before = 0x6001 | (~unmasked & 0x3f) << 7;
        const bool operands = (met & unmasked & 7) != 0; // IE, DE, ZE
        std::optional<Fault> fault;
        if ((met & unmasked) != 0) {
            fault = state.cr4 != 0 ? exception(19, Reason::SseException) : exception(6, Reason::SseExceptionNotEnabled);
        }
        const SseOutcome outcome = sse_exceptions(state, before, met);
        ASSERT_EQ(outcome.fault, fault) << number;
        ASSERT_EQ(outcome.mxcsr, before | (operands ? met & 7 : met)) << number;
    }
}

} // namespace
} // namespace ringcheck::model
