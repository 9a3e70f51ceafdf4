// SPDX-License-Identifier: MIT
// The kernel's own pages, in the half of virtual memory that all Vessels share.
#pragma once

#include "base/result.h"
#include "mm/frame_allocator.h"
#include "mm/page_rights.h"

namespace kernel {

/// Puts `frame` at `page` in the kernel's half, for ring 0 only, in every address space at once: the tables below the
/// 256 top-level entries are shared.
/// @param kernel_root  a PML4 whose entry for `page` is there already: top-level entries are never edited
/// @return EINVAL  not page-aligned, or not in the kernel's half
///         EACCES  writable and executable
///         EEXIST  there is a page already, or a large page covers the place
///         ENOMEM  no frame for a table
base::Result<void> map_kernel_page(FrameAllocator& frames, arch::PhysAddr kernel_root, arch::VirtAddr page,
                                   arch::PhysAddr frame, PageRights rights);

/// Takes a 4 KiB kernel page out and gives its frame back to the caller.  EINVAL; EFAULT when no page is there.
base::Result<arch::PhysAddr> unmap_kernel_page(FrameAllocator& frames, arch::PhysAddr kernel_root, arch::VirtAddr page);

} // namespace kernel
