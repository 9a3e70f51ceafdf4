// SPDX-License-Identifier: MIT
// Multiboot2: the header tags that a kernel shows, the information tags that a loader leaves.
// Entry state: 32-bit protected mode, paging off, EAX = kBootMagic, EBX = physical address of the information.
// [Multiboot2 Specification 2.0 "OS image format", "Machine state", "Boot information format"]
#pragma once

#include <cstdint>

namespace arch::multiboot2 {

inline constexpr std::uint32_t kHeaderMagic = 0xe852'50d6;
inline constexpr std::uint32_t kBootMagic = 0x36d7'6289;
inline constexpr std::uint32_t kArchitectureI386 = 0;

/// The header lies, 8-byte aligned, in this many bytes of the file.
inline constexpr std::uint32_t kSearchBytes = 32768;
inline constexpr std::uint32_t kAlignment = 8; ///< of header and tags, on both sides

/// Header tags follow, each 8-byte aligned.
struct Header {
    std::uint32_t magic;
    std::uint32_t architecture;
    std::uint32_t length;   ///< with all tags
    std::uint32_t checksum; ///< the sum of these four is 0
};

inline constexpr std::uint16_t kHeaderTagEnd = 0;
inline constexpr std::uint16_t kHeaderTagInformationRequest = 1;
inline constexpr std::uint16_t kHeaderTagAddress = 2;
inline constexpr std::uint16_t kHeaderTagEntryAddress = 3;
inline constexpr std::uint16_t kHeaderTagConsole = 4;
inline constexpr std::uint16_t kHeaderTagFramebuffer = 5;
inline constexpr std::uint16_t kHeaderTagModuleAlignment = 6;
inline constexpr std::uint16_t kHeaderTagEfiBootServices = 7;
inline constexpr std::uint16_t kHeaderTagEntryEfi32 = 8;
inline constexpr std::uint16_t kHeaderTagEntryEfi64 = 9;
inline constexpr std::uint16_t kHeaderTagRelocatable = 10;

struct HeaderTag {
    std::uint16_t type;
    std::uint16_t flags;
    std::uint32_t size; ///< with this header, without the padding
};
inline constexpr std::uint16_t kHeaderTagOptional = 1; ///< HeaderTag::flags: a loader may ignore it
inline constexpr std::uint32_t kConsoleRequired = 1;   ///< of the console tag's flags

/// Follow a kHeaderTagAddress.  All are physical addresses.
struct Addresses {
    std::uint32_t header;
    std::uint32_t load;     ///< of the first byte loaded, at or before the header
    std::uint32_t load_end; ///< 0: the file's end
    std::uint32_t bss_end;  ///< 0: no BSS
};

inline constexpr std::uint32_t kTagEnd = 0, kTagCommandLine = 1, kTagLoaderName = 2, kTagModule = 3,
                               kTagBasicMemory = 4, kTagMemoryMap = 6, kTagElfSections = 9, kTagAcpiOld = 14,
                               kTagAcpiNew = 15;

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

struct BasicMemoryTag {
    Tag tag;
    std::uint32_t lower_kib; ///< from 0 on
    std::uint32_t upper_kib; ///< from 1 MiB on, up to the first hole
};

/// Followed by the section headers as the file has them, but with the address where the loader put a section.  The
/// specification's text has 16-bit fields, its example header and every loader 32-bit ones.
struct ElfSectionsTag {
    Tag tag;
    std::uint32_t count;
    std::uint32_t entry_size;
    std::uint32_t names_index;
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
