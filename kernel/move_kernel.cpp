// SPDX-License-Identifier: MIT
// The two steps of a move, called by boot.S before anything else of the kernel: no console, no IDT yet.
#include "boot/boot_info.h"
#include "boot/multiboot2_boot_info.h"
#include "boot/pvh_boot_info.h"
#include "cpu/cpu_features.h"
#include "cpu/entropy.h"
#include "mm/image_place.h"
#include "mm/kernel_memory.h"

extern "C" const std::uint32_t relocation_table_begin[], relocation_table_end[];

namespace kernel {
namespace {

/// boot.S has mapped the options of a sound loader; kernel_main reports the others.
bool read_options(bool from_pvh, arch::PhysAddr address, BootInfo& info)
{
    return (from_pvh ? read_pvh_boot_info(boot_window(), address, info)
                     : read_multiboot2_boot_info(boot_window(), address, info))
        .has_value();
}

RelocationTable relocation_table()
{
    return {relocation_table_begin, static_cast<std::size_t>(relocation_table_end - relocation_table_begin)};
}

} // namespace
} // namespace kernel

/// At the place that the kernel was linked for.
/// @return the distance that it is to go up; 0: it stays
extern "C" std::uint64_t prepare_move(std::uint64_t from_pvh, std::uint64_t boot_information)
{
    using namespace kernel;
    BootInfo info;
    if (!read_options(from_pvh != 0, arch::PhysAddr{boot_information}, info) || info.has_option("nokaslr")) {
        return 0;
    }
    seed_random(detect_cpu_features(), info.option_number("seed"));
    const std::uint64_t distance = ImagePlaces::choose(base::random);
    map_moved_image(relocation_table(), distance);
    return distance;
}

/// At the new place.
extern "C" void finish_move()
{
    kernel::unmap_linked_image();
}
