// SPDX-License-Identifier: GPL-2.0-or-later
// MONITOR and MWAIT: may they be executed?  [SDM 2B MONITOR, MWAIT; APM 3 MONITOR, MWAIT]
#pragma once

#include "model/cpu_features.h"
#include "model/cpu_state.h"
#include "model/fault.h"

#include <cstdint>
#include <expected>

namespace ringcheck::model {

/// In an outer ring both are #UD rather than #GP.  AMD can open them to ring 3 by an MSR that the profile does not
/// have.
/// @param extensions  RCX of MONITOR, ECX of MWAIT: none exist
/// @return  or #UD MonitorNotOffered, MonitorNotRing0; #GP(0) MonitorExtensions
std::expected<void, Fault> check_monitor(const CpuState& state, std::uint64_t extensions, const Features& features);

} // namespace ringcheck::model
