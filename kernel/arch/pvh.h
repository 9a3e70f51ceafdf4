// SPDX-License-Identifier: MIT
// The PVH direct boot protocol: the note that names the 32-bit entry, and the structures that EBX points to there.
// Entry state: 32-bit protected mode, paging off, flat segments, IF = 0, EBX = physical address of StartInfo.
// [Xen "x86/HVM direct boot ABI"; structures: Xen public header arch-x86/hvm/start_info.h]
#pragma once

#include <cstddef>
#include <cstdint>

namespace arch::pvh {

/// The ELF note: name "Xen", this type, a 4- or 8-byte physical entry address.
inline constexpr std::uint32_t kNotePhysicalEntry = 18;
inline constexpr std::uint32_t kStartMagic = 0x336e'c578;

struct StartInfo {
    std::uint32_t magic;
    std::uint32_t version; ///< 1 or later: the memory map fields are there
    std::uint32_t flags;
    std::uint32_t module_count;
    std::uint64_t modules;      ///< physical address of Module[module_count]
    std::uint64_t command_line; ///< physical address of a NUL-terminated string, or 0
    std::uint64_t acpi_rsdp;
    std::uint64_t memory_map; ///< physical address of MemoryRange[memory_map_count]
    std::uint32_t memory_map_count;
    std::uint32_t reserved;
};
static_assert(sizeof(StartInfo) == 56 && offsetof(StartInfo, memory_map) == 40);

struct Module {
    std::uint64_t address;
    std::uint64_t size;
    std::uint64_t command_line;
    std::uint64_t reserved;
};
static_assert(sizeof(Module) == 32);

struct MemoryRange {
    std::uint64_t address;
    std::uint64_t size;
    std::uint32_t type;
    std::uint32_t reserved;
};
static_assert(sizeof(MemoryRange) == 24);

/// E820 type of memory that the kernel may use freely.
inline constexpr std::uint32_t kMemoryUsable = 1;
inline constexpr std::uint32_t kMemoryReserved = 2;

} // namespace arch::pvh
