// SPDX-License-Identifier: MIT
// The two pages of the kernel's image that each program has mapped: the vDSO and, below it, the page of the time.
#pragma once

#include "mm/user_memory.h"
#include "vdso/time_page.h"

namespace kernel {

/// Whoever moves the clock writes it here too.
extern TimePage time_page;

/// Adds both areas to a new memory.  The pages come when they are touched.
/// @param code  where the vDSO is to be; it is page-aligned, and nothing is there or in the page below
/// @return ENOMEM
base::Result<void> map_vdso(UserMemory& memory, arch::VirtAddr code);

} // namespace kernel
