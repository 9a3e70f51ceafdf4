// SPDX-License-Identifier: GPL-2.0-or-later
// May the running code use a port?  [SDM 1 "I/O Privilege Level", "I/O Permission Bit Map"]
#pragma once

#include "model/cpu_state.h"
#include "model/fault.h"
#include "model/physical_memory.h"

#include <cstdint>
#include <expected>

namespace ringcheck::model {

/// The check that IN, OUT, INS and OUTS make first.
/// @param size_bytes  1, 2 or 4
/// @return  or #GP(0) IoTssUnusable, IoBitmapBeyondLimit, IoBitmapDenies; #PF or #GP(0) reading the TSS
std::expected<void, Fault> check_io(const CpuState& state, const PhysicalMemory& memory, std::uint16_t port,
                                    unsigned size_bytes);

} // namespace ringcheck::model
