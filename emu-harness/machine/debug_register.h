// SPDX-License-Identifier: GPL-2.0-or-later
// MOV to and from the debug registers.  Breakpoints themselves are not modelled.
// [SDM 2B MOV—Move to/from Debug Registers; SDM 3A "Debug Registers"]
#pragma once

#include "model/cpu_state.h"
#include "model/fault.h"

#include <cstdint>
#include <expected>

namespace ringcheck {

/// DR7: the enable bits of the four breakpoints, and general detect.
inline constexpr std::uint64_t kDr7Breakpoints = 0xff, kDr7GeneralDetect = 1 << 13;

/// @param number  0..15, as ModRM and REX encode it
/// @return  or #GP(0) outside ring 0, #UD for 4 and 5 with CR4.DE and for 8 and above
std::expected<std::uint64_t, model::Fault> read_debug_register(const model::CpuState& state, unsigned number);

/// @return  or a fault as above, or #GP(0) for DR6 or DR7 with an upper half
std::expected<model::CpuState, model::Fault> write_debug_register(model::CpuState state, unsigned number,
                                                                  std::uint64_t value);

} // namespace ringcheck
