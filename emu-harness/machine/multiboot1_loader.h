// SPDX-License-Identifier: GPL-2.0-or-later
// Starts a kernel as a Multiboot loader of the first version does.  The image is an ELF of either class, or whatever
// its header's addresses make of the file.  Modules stand behind the kernel, the information in low memory.
// A kernel that asks for a video mode starts and finds none, as with QEMU's -kernel: the header cannot say that it
// could do without.  [Multiboot Specification 0.6.96]
#pragma once

#include "machine/boot_loader.h"

namespace ringcheck {

/// One line: no header or a broken one, unknown demands, an entry outside the kernel, things do not fit.
std::expected<model::CpuState, std::string> load_multiboot1_image(model::PhysicalMemory memory, const ElfImage& kernel,
                                                                  const BootRequest& request);

} // namespace ringcheck
