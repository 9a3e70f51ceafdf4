// SPDX-License-Identifier: MIT
// Reads what a PVH loader (qemu -kernel, ringcheck) left in memory.
#pragma once

#include "boot/boot_info.h"

namespace kernel {

/// Reads the arch::pvh::StartInfo at `start_info` and all that it points to.
/// @param memory  the physical memory that is mapped; a structure outside it is an error
BootResult read_pvh_boot_info(const PhysicalWindow& memory, arch::PhysAddr start_info, BootInfo& info);

} // namespace kernel
