// SPDX-License-Identifier: MIT
// The machine's memory: its frames, the kernel's own tables, the map of all physical memory.
#pragma once

#include "boot/boot_info.h"
#include "mm/frame_allocator.h"

namespace kernel {

/// All frames that nobody owns.
extern FrameAllocator frame_allocator;

/// Physical address of the PML4 that boot.S made: what kernel threads run under, and what new address spaces share
/// the upper half of.
arch::PhysAddr kernel_table();

/// A frame of zeros in the image's read-only data: nobody can write it, by whichever address.
arch::PhysAddr zero_page();

/// Where a page of the kernel's image is in physical memory.
arch::PhysAddr image_frame(const void* page);

/// The part of physical memory that boot.S has mapped: the first GiB.
PhysicalWindow boot_window();

/// Fills `frame_allocator` from the boot information, maps all usable memory into the physical map, and takes the write
/// right from the map's alias of the kernel's text and read-only data.
/// @return ENOMEM when there is not even memory for the tables
base::Result<void> initialise_memory(const BootInfo& info);

/// Takes the write right from everything that is SEALED (base/sealed.h), in the image and in the physical map's alias.
/// Called once, when all of it has its final value.
void seal_kernel_data();

/// What the page tables say now: no page of the sealed data can be written, in neither place.
bool kernel_data_sealed();
/// The page below the boot stack, and below each IST stack, is not mapped.
bool static_stacks_guarded();

} // namespace kernel
