// SPDX-License-Identifier: MIT
// The two 8259A interrupt controllers.  All lines are masked until somebody unmasks them.  [8259A datasheet]
#pragma once

namespace kernel::interrupt_controller {

/// The vector of line 0; lines 0..15 take 32..47, out of the exceptions' way.
inline constexpr unsigned kFirstVector = 32;

void initialise();
/// Lets `line` (0..15) through; for 8..15 also the cascade.
void unmask(unsigned line);
/// True when `line` is really in service: lines 7 and 15 also appear as spurious interrupts, which get no EOI of
/// their own.
bool in_service(unsigned line);
/// Ends the service of `line`; sent exactly once for each interrupt that `in_service` confirms.
void end_of_interrupt(unsigned line);
/// A spurious line 15 leaves its cascade line in service on the master, which has to be ended.
void end_spurious_slave();

} // namespace kernel::interrupt_controller
