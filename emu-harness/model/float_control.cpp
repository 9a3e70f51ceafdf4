// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/float_control.h"

#include "arch/control_registers.h"

namespace ringcheck::model {

std::expected<void, Fault> check_mxcsr(std::uint32_t value)
{
    if ((value & ~kMxcsrBits) != 0) {
        return std::unexpected(raise(arch::Vector::GeneralProtection, Reason::MxcsrReservedBits, 0));
    }
    return {};
}

SseOutcome sse_exceptions(const CpuState& state, std::uint32_t mxcsr, std::uint32_t met)
{
    constexpr std::uint32_t kOfOperands = mxcsr::kInvalid | mxcsr::kDenormal | mxcsr::kDivideByZero;
    const std::uint32_t unmasked = unmasked_exceptions(mxcsr);
    if ((met & unmasked & kOfOperands) != 0) {
        met &= kOfOperands;
    }
    SseOutcome outcome{mxcsr | met, std::nullopt};
    if ((met & unmasked) != 0) {
        const bool enabled = (state.cr4 & arch::cr4::kOsXmmExceptions) != 0;
        outcome.fault = enabled ? raise(arch::Vector::SimdFloatingPoint, Reason::SseException)
                                : raise(arch::Vector::InvalidOpcode, Reason::SseExceptionNotEnabled);
    }
    return outcome;
}

} // namespace ringcheck::model
