// SPDX-License-Identifier: GPL-2.0-or-later
// Puts a kernel into RAM as QEMU's -kernel does for an image with a PVH note.
// [Xen "x86/HVM direct boot ABI"]
#pragma once

#include "machine/boot_loader.h"

namespace ringcheck {

/// Copies segments (BSS zeroed), the modules at the top of RAM, the first one highest, and the start structures into
/// the low memory that no segment uses.
/// @return  the CPU at the 32-bit entry; or one line: no PVH note, a segment outside RAM, things do not fit
std::expected<model::CpuState, std::string> load_pvh_image(model::PhysicalMemory memory, const ElfImage& kernel,
                                                           const BootRequest& request);

} // namespace ringcheck
