// SPDX-License-Identifier: MIT
// Where the parts of a program's memory begin, chosen anew for each program unless the boot option
// `noaslr` asks for the fixed layout.  `seed=N` makes the choice repeatable: see base/random.h.
#pragma once

#include "base/random.h"
#include "layout/address_map.h"

namespace kernel {

struct AddressLayout {
    /// How far a random layout moves each part at most, in pages: 16 GiB, 1 TiB, 32 MiB, 1 TiB, as on Linux.
    static constexpr std::uint64_t kStackPages = 1 << 22, kMapPages = 1 << 28, kHeapPages = 1 << 13,
                                   kProgramPages = 1 << 28;

    arch::VirtAddr stack_top = layout::kUserStackTop;
    arch::VirtAddr map_top = layout::kUserMapTop; ///< mmap(2) chooses places downwards from here
    /// Bytes between the last segment and the heap: at least a page, so that one does not run into the other.
    std::uint64_t heap_gap = arch::kPageSize;
    /// Where a position-independent program goes, before its alignment is seen to.
    arch::VirtAddr program_base = layout::kUserPieBase;
    /// The vDSO's code, above the stack.
    arch::VirtAddr vdso = layout::kUserStackTop + layout::kUserVdsoDistance;

    /// Every part somewhere else; all of it page-aligned.
    static AddressLayout choose(base::Random& random);
};

/// A place for the vDSO somewhere in the 2 MiB of one page table, that of the stack's top where there is room in it.
arch::VirtAddr place_vdso(arch::VirtAddr stack_top, base::Random& random);

/// From now on each program gets a layout of its own.  Called at boot, before kernel data is sealed.
void randomise_addresses();
bool addresses_randomised();

/// The layout for a new program.
AddressLayout next_address_layout();

} // namespace kernel
