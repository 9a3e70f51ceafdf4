// SPDX-License-Identifier: GPL-2.0-or-later
// SYSCALL.  [SDM 2B SYSCALL "Operation"; APM 3 SYSCALL]
#pragma once

#include "model/cpu_state.h"
#include "model/fault.h"
#include "model/vendor.h"

#include <expected>

namespace ringcheck::model {

/// Executes SYSCALL.  `before.rip` is already past the instruction: it becomes RCX.  RSP and the stack are left alone.
/// On a fault the caller delivers it with RIP at the instruction.
/// @return  or #UD: SyscallNotEnabled, SyscallOutside64BitMode (Intel only: AMD enters through CSTAR from compatibility
///          mode); outside the model: ModeUnmodelled (AMD, long mode not active).
std::expected<CpuState, Fault> syscall(const CpuState& before, Vendor vendor);

} // namespace ringcheck::model
