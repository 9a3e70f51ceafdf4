// SPDX-License-Identifier: MIT
// [Xen "x86/HVM direct boot ABI"]
#include "boot/pvh_boot_info.h"

#include "arch/pvh.h"
#include "base/result.h"

namespace kernel {
namespace {

/// The structure at `address`, copied: loaders promise no alignment.
template <typename T> std::expected<T, const char*> read(const PhysicalWindow& memory, arch::PhysAddr address)
{
    if (!memory.covers(address, sizeof(T))) {
        return std::unexpected("a PVH structure is outside the memory that is mapped");
    }
    T value;
    __builtin_memcpy(&value, memory.at<const std::uint8_t>(address), sizeof(T));
    return value;
}

/// Element `index` of the array at `array`.  A sum that wraps gives an address that `read` checks too.
template <typename T>
std::expected<T, const char*> read_element(const PhysicalWindow& memory, std::uint64_t array, std::uint64_t index)
{
    return read<T>(memory, arch::PhysAddr{array + index * sizeof(T)});
}

} // namespace

BootResult read_pvh_boot_info(const PhysicalWindow& memory, arch::PhysAddr start_info, BootInfo& info)
{
    using namespace arch::pvh;
    const auto start = TRY(read<StartInfo>(memory, start_info));
    if (start.magic != kStartMagic) {
        return std::unexpected("the PVH start info has a wrong magic number");
    }
    if (start.version < 1) {
        return std::unexpected("the PVH start info has no memory map: version 0");
    }
    for (std::uint64_t i = 0; i < start.memory_map_count; ++i) {
        const auto range = TRY(read_element<arch::pvh::MemoryRange>(memory, start.memory_map, i));
        TRY(add_memory_range(info, arch::PhysAddr{range.address}, range.size, range.type == kMemoryUsable));
    }
    if (start.module_count != 0) {
        const auto module = TRY(read_element<Module>(memory, start.modules, 0));
        TRY(set_initrd(info, arch::PhysAddr{module.address}, module.size));
    }
    if (start.command_line != 0) {
        return read_command_line(memory, arch::PhysAddr{start.command_line}, ~std::uint64_t{0}, info);
    }
    return {};
}

} // namespace kernel
