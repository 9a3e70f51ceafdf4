// SPDX-License-Identifier: GPL-2.0-or-later
// The ACPI tables of the machine, in the BIOS area below 1 MiB, where a kernel that is told nothing looks for them:
// one CPU, one I/O APIC with the timer on line 2, power-off and reset, and a namespace with nothing but \_S5.
// [ACPI Specification 6.5]
#pragma once

#include "arch/acpi.h"
#include "machine/boot_memory.h"

#include <optional>

namespace ringcheck {

struct AcpiTables {
    arch::PhysAddr root_pointer;
    arch::acpi::RootPointer contents;
};

/// @return  nullopt when the kernel itself takes the place
std::optional<AcpiTables> place_acpi_tables(BootMemory& memory);

} // namespace ringcheck
