// SPDX-License-Identifier: GPL-2.0-or-later
// SYSRET, with the three points where the manuals differ.  [SDM 2B SYSRET "Operation"; APM 3 SYSRET]
#pragma once

#include "model/cpu_state.h"
#include "model/fault.h"
#include "model/operand_size.h"
#include "model/vendor.h"

#include <expected>

namespace ringcheck::model {

/// Executes SYSRET: SYSRETQ with Bits64, else SYSRETL to compatibility mode.
/// Intel: a non-canonical RCX is #GP(0) here, in ring 0, with the registers still as the kernel left them; SS is
/// loaded whole, with RPL 3.  AMD: RCX is not looked at (the fetch in ring 3 faults); SS gets a selector without forced
/// RPL and keeps base, limit and attributes.
/// @return  or, in this order, #UD SysretNotEnabled, #UD SysretOutside64BitMode (Intel), #GP(0) SysretNotRing0,
///          #GP(0) SysretRcxNonCanonical (Intel, Bits64); outside the model: ModeUnmodelled (AMD outside 64-bit mode).
std::expected<CpuState, Fault> sysret(const CpuState& before, OperandSize size, Vendor vendor);

} // namespace ringcheck::model
