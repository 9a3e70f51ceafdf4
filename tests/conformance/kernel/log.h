// SPDX-License-Identifier: MIT
// The log, on COM1: one line a scenario, `name field=value ...`, fields in a fixed order.  Addresses are told by what
// they belong to ("rsp0-0x28", "code+0x2"), so that a line moves only when its meaning does.
#pragma once

#include "base/format.h"
#include "observation.h"
#include "scenario.h"

namespace conformance {

/// COM1, one byte after the other.  Before the first byte: initialise_console().
base::Writer& console();
/// 115200 baud, 8 data bits, no parity, FIFOs on.
void initialise_console();

/// CR2 before each scenario; a line shows CR2 only where it is another.
inline constexpr std::uint64_t kUntouchedCr2 = 0xc2;

void log_line(const Name& name, const Scenario& scenario, const Observation& seen);

} // namespace conformance
