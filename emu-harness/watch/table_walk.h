// SPDX-License-Identifier: GPL-2.0-or-later
// Visits every page that 4-level page tables map, with its rights: a third walk beside the model's and the engine's,
// which answer for one address at a time.  [SDM 3A "4-Level Paging and 5-Level Paging"]
#pragma once

#include "arch/paging.h"
#include "model/physical_memory.h"

#include <cstdint>
#include <functional>

namespace ringcheck {

struct Mapping {
    arch::VirtAddr address;
    unsigned level = 1; ///< 1: 4 KiB, 2: 2 MiB, 3: 1 GiB
    arch::PageEntry leaf;
    bool writable = false, user = false, executable = false; ///< the AND over the levels, with CR0.WP = EFER.NXE = 1
};

/// Calls `visit` for each present leaf, lowest address first; tables outside RAM are passed over.
/// @return false when the tables have more than 4 Mi entries, as tables that contain themselves do: not all were seen
bool for_each_mapping(const model::PhysicalMemory& memory, std::uint64_t cr3,
                      const std::function<void(const Mapping&)>& visit);

} // namespace ringcheck
