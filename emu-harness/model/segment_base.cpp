// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/segment_base.h"

#include "arch/control_registers.h"

#include <utility>

namespace ringcheck::model {

std::expected<CpuState, Fault> swapgs(const CpuState& before)
{
    if (!before.in_64_bit_mode()) {
        return std::unexpected(raise(arch::Vector::InvalidOpcode, Reason::SwapgsOutside64BitMode));
    }
    if (before.cpl != 0) {
        return std::unexpected(raise(arch::Vector::GeneralProtection, Reason::InstructionNotRing0, 0));
    }
    std::expected<CpuState, Fault> after(before); // in place: a state is large
    CpuState& state = *after;
    std::swap(state.gs.base, state.kernel_gs_base);
    return after;
}

std::expected<CpuState, Fault> write_base(CpuState state, BaseRegister which, std::uint64_t value)
{
    if (!state.in_64_bit_mode() || (state.cr4 & arch::cr4::kFsGsBase) == 0) {
        return std::unexpected(raise(arch::Vector::InvalidOpcode, Reason::FsGsBaseNotEnabled));
    }
    if (!arch::is_canonical(value)) {
        return std::unexpected(raise(arch::Vector::GeneralProtection, Reason::BaseNonCanonical, 0));
    }
    (which == BaseRegister::Fs ? state.fs : state.gs).base = value;
    return state;
}

} // namespace ringcheck::model
