// SPDX-License-Identifier: GPL-2.0-or-later
// Where one virtual address leads and what the tables grant there, asked by nobody in particular: no access is made, no
// bit is set, and whether somebody may go there is for the caller to say.  For watchers that look often; the model's
// walk says what the CPU would do.  [SDM 3A "4-Level Paging and 5-Level Paging"]
#pragma once

#include "arch/address.h"
#include "model/cpu_state.h"
#include "model/physical_memory.h"

#include <optional>

namespace ringcheck {

struct Lookup {
    arch::PhysAddr address;
    bool writable = false, user = false, executable = false; ///< the AND over the levels; NX counts as if EFER.NXE = 1
    bool global = false;
    std::uint64_t page_bytes = arch::kPageSize; ///< that one entry maps
};

/// nullopt: not canonical, or not present on some level.  Without paging every address is its own.
std::optional<Lookup> lookup(const model::PhysicalMemory& memory, const model::CpuState& state, arch::VirtAddr address);

} // namespace ringcheck
