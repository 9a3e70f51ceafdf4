// SPDX-License-Identifier: MIT
// Reads what a Multiboot2 loader (GRUB) left in memory.
#pragma once

#include "boot/boot_info.h"

namespace kernel {

/// Reads the tags of the Multiboot2 information at `information`.
/// @param memory  the physical memory that is mapped; a structure outside it is an error
BootResult read_multiboot2_boot_info(const PhysicalWindow& memory, arch::PhysAddr information, BootInfo& info);

} // namespace kernel
