// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/extended_control.h"

namespace ringcheck::model {

namespace {

namespace xcr0 = arch::xcr0;

std::unexpected<Fault> refuse(Reason reason)
{
    return std::unexpected(raise(arch::Vector::GeneralProtection, reason, 0));
}

bool enabled(const CpuState& state)
{
    return (state.cr4 & arch::cr4::kOsXsave) != 0;
}

} // namespace

std::expected<std::uint64_t, Fault> xgetbv(const CpuState& state, std::uint32_t index)
{
    if (!enabled(state)) {
        return std::unexpected(raise(arch::Vector::InvalidOpcode, Reason::XcrNotEnabled));
    }
    if (index != 0) {
        return refuse(Reason::XcrUnknown);
    }
    return state.xcr0;
}

std::expected<CpuState, Fault> xsetbv(CpuState state, std::uint32_t index, std::uint64_t value,
                                      const Features& features)
{
    if (!enabled(state)) {
        return std::unexpected(raise(arch::Vector::InvalidOpcode, Reason::XcrNotEnabled));
    }
    if (state.cpl != 0) {
        return refuse(Reason::InstructionNotRing0);
    }
    if (index != 0) {
        return refuse(Reason::XcrUnknown);
    }
    if ((value & ~features.extended_state) != 0) {
        return refuse(Reason::Xcr0ReservedBits);
    }
    if ((value & xcr0::kX87) == 0) {
        return refuse(Reason::Xcr0WithoutX87);
    }
    if ((value & xcr0::kAvx) != 0 && (value & xcr0::kSse) == 0) {
        return refuse(Reason::Xcr0AvxWithoutSse);
    }
    state.xcr0 = value;
    return state;
}

} // namespace ringcheck::model
