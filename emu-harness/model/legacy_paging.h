// SPDX-License-Identifier: GPL-2.0-or-later
// Paging that is turned on without long mode: not modelled, but for what the CPU refuses at once.  A kernel that forgot
// EFER.LME comes here, with the PML4 of 4-level paging where PAE paging has its four PDPTEs.
#pragma once

#include "model/cpu_state.h"
#include "model/fault.h"
#include "model/physical_memory.h"

#include <expected>

namespace ringcheck::model {

/// @param after  the state that MOV to a control register would leave
/// @return  or #GP(0) PdpteReservedBits; outside the model: PagingModeUnmodelled (every other way to page without long
///          mode), PageTableOutsideRam.  [SDM 3A "PDPTE Registers"]
std::expected<void, Fault> check_legacy_paging(const CpuState& after, const PhysicalMemory& memory);

/// The PDPTE of `index` that PAE paging would load: where it stands.
arch::PhysAddr pdpte_address(const CpuState& state, unsigned index);
/// The bits of it that must be 0 when it is present.  [SDM 3A "Format of a PAE Page-Directory-Pointer-Table Entry"]
std::uint64_t reserved_pdpte_bits();

inline constexpr unsigned kPdptes = 4;

} // namespace ringcheck::model
