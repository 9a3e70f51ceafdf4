// SPDX-License-Identifier: MIT
// The parts of Multiboot2 that the kernel uses: header tags it shows, information tags it reads.
// Entry state: 32-bit protected mode, paging off, EAX = kBootMagic, EBX = physical address of the information.
// [Multiboot2 Specification 2.0 "OS image format", "Machine state", "Boot information format"]
#pragma once

#include <cstdint>

namespace arch::multiboot2 {

inline constexpr std::uint32_t kHeaderMagic = 0xe852'50d6;
inline constexpr std::uint32_t kBootMagic = 0x36d7'6289;
inline constexpr std::uint32_t kArchitectureI386 = 0;

inline constexpr std::uint16_t kHeaderTagEnd = 0;
inline constexpr std::uint16_t kHeaderTagEntryAddress = 3;
inline constexpr std::uint16_t kHeaderTagModuleAlignment = 6;

inline constexpr std::uint32_t kTagEnd = 0, kTagCommandLine = 1, kTagModule = 3, kTagMemoryMap = 6;

/// The information starts with its total size and a reserved word; tags follow, each 8-byte aligned.
struct InformationHeader {
    std::uint32_t total_size;
    std::uint32_t reserved;
};

struct Tag {
    std::uint32_t type;
    std::uint32_t size; ///< with this header, without the padding
};

/// Followed by a NUL-terminated string.
struct ModuleTag {
    Tag tag;
    std::uint32_t start;
    std::uint32_t end; ///< first byte after the module
};

/// Followed by entries of `entry_size` bytes each, which start as MemoryMapEntry.
struct MemoryMapTag {
    Tag tag;
    std::uint32_t entry_size;
    std::uint32_t entry_version;
};

struct MemoryMapEntry {
    std::uint64_t address;
    std::uint64_t size;
    std::uint32_t type; ///< 1: usable
    std::uint32_t reserved;
};

inline constexpr std::uint32_t kMemoryUsable = 1;

} // namespace arch::multiboot2
