// SPDX-License-Identifier: MIT
#include "mm/kernel_stacks.h"

#include "base/assert.h"
#include "layout/address_map.h"
#include "mm/kernel_memory.h"
#include "mm/kernel_pages.h"

namespace kernel {

constinit KernelStacks kernel_stacks;

base::Result<void> KernelStacks::initialise()
{
    constexpr std::uint64_t kTableReach = arch::leaf_size(2);
    const arch::PhysAddr frame = TRY(frame_allocator.allocate(FrameKind::Stack));
    base::Result<void> made;
    for (arch::VirtAddr page = layout::kKernelStacks; made && page < slot_top(kMaximumStacks - 1);
         page += kTableReach) {
        // To map a page makes the tables on the way to it; to take it out leaves them.
        made = map_kernel_page(frame_allocator, kernel_table(), page, frame, {.write = true});
        if (made) {
            ASSERT(unmap_kernel_page(frame_allocator, kernel_table(), page));
        }
    }
    frame_allocator.free(frame);
    return made;
}

base::Result<arch::VirtAddr> KernelStacks::allocate()
{
    const unsigned slot = slots_.take();
    if (slot == slots_.kNone) {
        return base::fail(uapi::Error::Enomem);
    }
    const arch::VirtAddr top = slot_top(slot);
    const arch::VirtAddr bottom = top - layout::kKernelStackSize;
    for (arch::VirtAddr page = bottom; page < top; page += arch::kPageSize) {
        const base::Result<arch::PhysAddr> frame = frame_allocator.allocate_zeroed(FrameKind::Stack);
        if (!frame) {
            unmap(bottom, page);
            slots_.give_back(slot);
            return base::fail(frame.error());
        }
        const base::Result<void> mapped =
            map_kernel_page(frame_allocator, kernel_table(), page, *frame, {.write = true});
        if (!mapped) {
            frame_allocator.free(*frame);
            unmap(bottom, page);
            slots_.give_back(slot);
            return base::fail(mapped.error());
        }
    }
    return top;
}

void KernelStacks::free(arch::VirtAddr top)
{
    const std::uint64_t slot = (top - layout::kKernelStacks) / layout::kKernelStackStride - 1;
    ASSERT(slot < kMaximumStacks && slot_top(static_cast<unsigned>(slot)) == top);
    unmap(top - layout::kKernelStackSize, top);
    slots_.give_back(static_cast<unsigned>(slot));
}

arch::VirtAddr KernelStacks::slot_top(unsigned slot)
{
    return layout::kKernelStacks + layout::kKernelStackStride * (slot + 1);
}

void KernelStacks::unmap(arch::VirtAddr bottom, arch::VirtAddr end)
{
    for (arch::VirtAddr page = bottom; page < end; page += arch::kPageSize) {
        const base::Result<arch::PhysAddr> frame = unmap_kernel_page(frame_allocator, kernel_table(), page);
        ASSERT(frame);
        frame_allocator.free(*frame);
    }
}

} // namespace kernel
