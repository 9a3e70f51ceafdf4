// SPDX-License-Identifier: GPL-2.0-or-later
// What a PC's BIOS leaves for those who look for it in memory: where the extended BIOS data area is and how much memory
// lies below it.  A kernel that searches for the ACPI root pointer begins there.
// [ACPI Specification 6.5 "Finding the RSDP on IA-PC Systems"]
#pragma once

#include "machine/boot_memory.h"

namespace ringcheck {

/// Writes each word that the kernel itself has not taken the place of.
void place_bios_data(BootMemory& memory);

} // namespace ringcheck
