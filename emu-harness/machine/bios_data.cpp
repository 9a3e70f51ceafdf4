// SPDX-License-Identifier: GPL-2.0-or-later
#include "machine/bios_data.h"

namespace ringcheck {
namespace {

// [Ralf Brown's Interrupt List, MEMORY.LST: 0040h:000Eh, 0040h:0013h, the extended BIOS data area's first byte]
constexpr std::uint64_t kExtendedAreaSegment = 0x40e, kBaseMemoryKib = 0x413;
constexpr std::uint64_t kExtendedArea = BootMemory::kLowMemoryEnd, kExtendedAreaEnd = 0xa'0000;
constexpr unsigned kSegmentShift = 4, kKibShift = 10;

template <typename Word> void put(BootMemory& memory, std::uint64_t address, Word value)
{
    if (const auto place = memory.reserve(address, address + sizeof value, sizeof value, 1, "the BIOS's data")) {
        memory.write(*place, value);
    }
}

} // namespace

void place_bios_data(BootMemory& memory)
{
    put(memory, kExtendedAreaSegment, static_cast<std::uint16_t>(kExtendedArea >> kSegmentShift));
    put(memory, kBaseMemoryKib, static_cast<std::uint16_t>(kExtendedArea >> kKibShift));
    put(memory, kExtendedArea, static_cast<std::uint8_t>((kExtendedAreaEnd - kExtendedArea) >> kKibShift));
}

} // namespace ringcheck
