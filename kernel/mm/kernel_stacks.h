// SPDX-License-Identifier: MIT
// Kernel stacks in their own region of virtual memory: each slot is an unmapped guard page and a stack, so that an
// overflow is a #DF on a stack of its own and never a neighbour's data.
#pragma once

#include "arch/address.h"
#include "base/result.h"
#include "base/slot_set.h"

#include <cstdint>

namespace kernel {

class KernelStacks {
public:
    /// One for each thread of Loom's.
    static constexpr unsigned kMaximumStacks = 1024;

    /// Makes the page tables of the whole region, which stay: a stack that is given back leaves nothing behind.  Once,
    /// before the first allocate().  ENOMEM.
    static base::Result<void> initialise();

    /// A mapped stack of layout::kKernelStackSize bytes; the address is its top, 16-byte aligned.
    /// ENOMEM: no free slot or no frame.
    base::Result<arch::VirtAddr> allocate();
    /// Unmaps the stack and returns its frames.  It is not the one in use.
    void free(arch::VirtAddr top);
    /// How many are allocated.
    unsigned used() const { return slots_.taken(); }

private:
    static arch::VirtAddr slot_top(unsigned slot);
    static void unmap(arch::VirtAddr bottom, arch::VirtAddr end);

    base::SlotSet<kMaximumStacks> slots_;
};

extern KernelStacks kernel_stacks;

} // namespace kernel
