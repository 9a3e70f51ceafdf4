// SPDX-License-Identifier: GPL-2.0-or-later
// Starts a kernel as a Multiboot2 loader on a BIOS PC does: i386 state, information with command line, loader's name,
// modules, memory, sections, ACPI.  Modules stand behind the kernel, the information in low memory; sections that the
// kernel does not load itself (symbols, debug information) at the top of RAM.  [Multiboot2 Specification 2.0]
#pragma once

#include "machine/boot_loader.h"

namespace ringcheck {

/// One line: no header or a broken one, demands that cannot be met, an entry outside the kernel, things do not fit.
std::expected<model::CpuState, std::string> load_multiboot2_image(model::PhysicalMemory memory, const ElfImage& kernel,
                                                                  const BootRequest& request);

} // namespace ringcheck
