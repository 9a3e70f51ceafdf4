// SPDX-License-Identifier: MIT
// The families of scenarios, in the order of the log.
#pragma once

namespace conformance {

void run_exceptions();
void run_interrupts();
void run_iret();
void run_syscalls();
void run_stacks();
void run_paging();
void run_registers();
void run_privileged();
void run_segments();
void run_far_transfers();
void run_ring_changes();
void run_features();
void run_debugging();
void run_external_interrupts();
void run_nmis();

/// Returns the number of accesses that it made.
unsigned run_permissions();

} // namespace conformance
