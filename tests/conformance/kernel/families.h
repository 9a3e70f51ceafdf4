// SPDX-License-Identifier: MIT
// The families of scenarios, in the order of the log.
#pragma once

namespace conformance {

void run_exceptions();
void run_interrupts();
void run_iret();
void run_syscalls();

/// Returns the number of accesses that it made.
unsigned run_permissions();

} // namespace conformance
