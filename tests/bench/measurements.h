// SPDX-License-Identifier: MIT
// What the table shows, one function a row, in its order: each fills in `value` and `beside`.
#pragma once

#include "bench/row.h"

#include <optional>
#include <string>

namespace bench {

/// What is measured from outside.
struct Files {
    std::string ringcheck, kernel, initrd, traces;
    std::string long_boot, long_boot_description; ///< tests/guests/long_boot
};

void compute_beside_the_engine(Row& row);
void calls_beside_the_engine(Row& row);
void string_stores_beside_the_engine(Row& row);
void syscall_round_trips(Row& row);
void events_and_returns(Row& row);
void steps_beside_gdbstub(Row& row, const Files& files);
void start_to_kernel_entry(Row& row, const Files& files);
void boot_hello_power_off(Row& row, const Files& files);
void restore_snapshot(Row& row);
void step_back(Row& row, const Files& files);
void golden_traces(Row& row, const Files& files);
void long_boot(Row& row, const Files& files);

} // namespace bench
