// SPDX-License-Identifier: MIT
#include "mm/image_place.h"

extern "C" {
extern arch::PageEntry image_pd[arch::kTableEntries];
/// kernel.ld: what layout::kKernelImage is, as an address that moves with the image.
extern const std::uint8_t image_map_begin[];
}

namespace kernel {

void map_moved_image(RelocationTable words, std::uint64_t distance)
{
    const std::uint64_t slot = distance / ImagePlaces::kStep;
    for (unsigned i = 0; i < ImagePlaces::kTables; ++i) {
        image_pd[slot + i] = image_pd[i];
    }
    // Through the physical map: the image's own mapping of text and constants is read-only from the beginning.
    for (const std::uint32_t word : words) {
        *reinterpret_cast<std::uint32_t*>((layout::kPhysicalMap + word).value) += static_cast<std::uint32_t>(distance);
    }
}

void unmap_linked_image()
{
    for (unsigned i = 0; i < ImagePlaces::kTables; ++i) {
        image_pd[i] = arch::PageEntry{};
    }
}

std::uint64_t image_distance()
{
    return reinterpret_cast<std::uint64_t>(image_map_begin) - layout::kKernelImage.value;
}

} // namespace kernel
