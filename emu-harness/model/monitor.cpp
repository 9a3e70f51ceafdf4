// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/monitor.h"

namespace ringcheck::model {

std::expected<void, Fault> check_monitor(const CpuState& state, std::uint64_t extensions, const Features& features)
{
    if (!features.monitor) {
        return std::unexpected(raise(arch::Vector::InvalidOpcode, Reason::MonitorNotOffered));
    }
    if (state.cpl != 0) {
        return std::unexpected(raise(arch::Vector::InvalidOpcode, Reason::MonitorNotRing0));
    }
    if (extensions != 0) {
        return std::unexpected(raise(arch::Vector::GeneralProtection, Reason::MonitorExtensions, 0));
    }
    return {};
}

} // namespace ringcheck::model
