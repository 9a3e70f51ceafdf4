// SPDX-License-Identifier: MIT
// Multiboot, the first version: the header that a kernel shows, the information that a loader leaves.
// Entry state: 32-bit protected mode, paging off, EAX = kBootMagic, EBX = physical address of Information.
// [Multiboot Specification 0.6.96 "OS image format", "Machine state", "Boot information format"]
#pragma once

#include <cstddef>
#include <cstdint>

namespace arch::multiboot1 {

inline constexpr std::uint32_t kHeaderMagic = 0x1bad'b002;
inline constexpr std::uint32_t kBootMagic = 0x2bad'b002;
/// The header lies, 4-byte aligned, in this many bytes of the file.
inline constexpr std::uint32_t kSearchBytes = 8192;
inline constexpr std::uint32_t kAlignment = 4;

/// Header::flags.  A loader that does not know one of bits 15:0 has to refuse the kernel.
inline constexpr std::uint32_t kAlignModules = 1u << 0, kWantsMemory = 1u << 1, kWantsVideo = 1u << 2,
                               kHasAddresses = 1u << 16;
inline constexpr std::uint32_t kDemands = 0xffff;

struct Header {
    std::uint32_t magic;
    std::uint32_t flags;
    std::uint32_t checksum; ///< the sum of these three is 0
};

/// Follow the header; meaningful with kHasAddresses.  All are physical addresses.
struct Addresses {
    std::uint32_t header;
    std::uint32_t load;     ///< of the first byte loaded, at or before the header
    std::uint32_t load_end; ///< 0: the file's end
    std::uint32_t bss_end;  ///< 0: no BSS
    std::uint32_t entry;
};

/// Information::flags: which fields hold something.
inline constexpr std::uint32_t kInfoMemory = 1u << 0, kInfoCommandLine = 1u << 2, kInfoModules = 1u << 3,
                               kInfoMemoryMap = 1u << 6, kInfoLoaderName = 1u << 9;

/// As far as the loader's name: the fields behind it belong to flags that nobody here sets.
struct Information {
    std::uint32_t flags;
    std::uint32_t memory_lower_kib; ///< from 0 on
    std::uint32_t memory_upper_kib; ///< from 1 MiB on, up to the first hole
    std::uint32_t boot_device;
    std::uint32_t command_line;
    std::uint32_t module_count;
    std::uint32_t modules; ///< physical address of Module[module_count]
    std::uint32_t symbols[4];
    std::uint32_t memory_map_size;
    std::uint32_t memory_map; ///< physical address of MemoryMapEntry[]
    std::uint32_t drives_size;
    std::uint32_t drives;
    std::uint32_t config_table;
    std::uint32_t loader_name;
    std::uint32_t unused[12]; ///< APM, VBE, framebuffer
};
static_assert(sizeof(Information) == 116 && offsetof(Information, memory_map_size) == 44 &&
              offsetof(Information, loader_name) == 64);

struct Module {
    std::uint32_t start;
    std::uint32_t end;          ///< one past the last byte
    std::uint32_t command_line; ///< physical address of a NUL-terminated string
    std::uint32_t reserved;
};
static_assert(sizeof(Module) == 16);

/// Packed: the 64-bit fields stand at odd multiples of 4, so they are split here.
struct MemoryMapEntry {
    std::uint32_t size; ///< of the rest
    std::uint32_t address_low, address_high;
    std::uint32_t length_low, length_high;
    std::uint32_t type; ///< 1: usable
};
static_assert(sizeof(MemoryMapEntry) == 24);

inline constexpr std::uint32_t kMemoryUsable = 1;

} // namespace arch::multiboot1
