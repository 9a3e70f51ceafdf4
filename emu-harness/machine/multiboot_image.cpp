// SPDX-License-Identifier: GPL-2.0-or-later
#include "machine/multiboot_image.h"

#include <fmt/format.h>

namespace ringcheck {
namespace {

/// The ELF entry as a physical address: of a kernel linked high it is a virtual one.
std::uint64_t physical_entry(const ElfImage& kernel)
{
    for (const ElfSegment& segment : kernel.segments()) {
        const std::uint64_t offset = kernel.entry() - segment.virtual_address.value;
        if (offset < segment.memory_size) {
            return segment.physical_address.value + offset;
        }
    }
    return kernel.entry();
}

} // namespace

std::expected<std::uint64_t, std::string> place_multiboot_image(BootMemory& memory, const ElfImage& kernel,
                                                                std::uint64_t header_offset,
                                                                const std::optional<LoadAddresses>& addresses,
                                                                std::optional<std::uint64_t> entry)
{
    const auto placed =
        addresses ? memory.place_by_addresses(kernel.file(), header_offset, *addresses) : memory.place_segments(kernel);
    if (!placed) {
        return std::unexpected(placed.error());
    }
    const std::uint64_t physical = entry.value_or(physical_entry(kernel));
    if (!memory.taken(physical)) {
        return std::unexpected(fmt::format("the entry {:#x} lies in no part of the kernel", physical));
    }
    return physical;
}

} // namespace ringcheck
