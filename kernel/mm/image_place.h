// SPDX-License-Identifier: MIT
// Where the kernel image is in its GiB of virtual memory: somewhere else in each boot (KASLR), so that a bug which lets
// a program jump to an address, or write there, does not let it choose a function.  Physical memory stays as it is.
// `nokaslr` leaves the image where it was linked; `seed=N` makes the place repeatable: see base/random.h.
#pragma once

#include "arch/paging.h"
#include "base/random.h"
#include "base/span.h"
#include "layout/address_map.h"

#include <cstdint>

namespace kernel {

/// A distance from the place that the image was linked for, in whole entries of a page directory: the image's own
/// page tables fit any of them.  No place overlaps the first one, so that nothing is left there.  Linux chooses among
/// as many: 1 GiB in steps of 2 MiB.
struct ImagePlaces {
    static constexpr std::uint64_t kStep = arch::leaf_size(2);
    static constexpr unsigned kTables = layout::kImageSize / kStep; ///< page tables of the image
    static constexpr unsigned kCount = arch::kTableEntries - 2 * kTables + 1;

    static std::uint64_t choose(base::Random& random) { return (kTables + random.below(kCount)) * kStep; }
};
/// What moves an address moves its lower half only: no place is so far that the sum carries.
static_assert((layout::kKernelImage.value & 0xffff'ffff) + arch::leaf_size(3) <= std::uint64_t{1} << 32);

/// The distances from layout::kKernelImage, and so the physical addresses, of the words that hold an address of the
/// image.
using RelocationTable = base::Span<const std::uint32_t>;

/// Makes the image known `distance` further up too, and rewrites its addresses.  From here on either place runs; what
/// runs at the first one uses the data of the second, which is the same memory.
/// @param words  handed over, for the function must not name by address what it is about to rewrite
void map_moved_image(RelocationTable words, std::uint64_t distance);

/// Forgets where the image was linked.  Called at its new place, or when there is none; the caller flushes the TLB.
void unmap_linked_image();

/// How far the running kernel is from where it was linked.
std::uint64_t image_distance();

} // namespace kernel
