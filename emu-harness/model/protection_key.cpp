// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/protection_key.h"

#include "arch/control_registers.h"

namespace ringcheck::model {

std::expected<std::uint32_t, Fault> rdpkru(const CpuState& state, std::uint32_t ecx)
{
    if ((state.cr4 & arch::cr4::kProtectionKeys) == 0) {
        return std::unexpected(raise(arch::Vector::InvalidOpcode, Reason::PkruNotEnabled));
    }
    if (ecx != 0) {
        return std::unexpected(raise(arch::Vector::GeneralProtection, Reason::PkruEcx, 0));
    }
    return state.pkru;
}

std::expected<CpuState, Fault> wrpkru(CpuState state, std::uint32_t ecx, std::uint32_t edx, std::uint32_t eax)
{
    if (const auto allowed = rdpkru(state, ecx); !allowed) {
        return std::unexpected(allowed.error());
    }
    if (edx != 0) {
        return std::unexpected(raise(arch::Vector::GeneralProtection, Reason::PkruEdx, 0));
    }
    state.pkru = eax;
    return state;
}

} // namespace ringcheck::model
