// SPDX-License-Identifier: MIT
// The ELF32 structures that a loader reads; their values are those of elf.h.
// [System V gABI "ELF Header", "Program Header", "Sections", "Symbol Table"]
#pragma once

#include <cstdint>

namespace arch::elf32 {

struct Header {
    std::uint8_t ident[16];
    std::uint16_t type;
    std::uint16_t machine;
    std::uint32_t version;
    std::uint32_t entry;
    std::uint32_t program_header_offset;
    std::uint32_t section_header_offset;
    std::uint32_t flags;
    std::uint16_t header_size;
    std::uint16_t program_header_size;
    std::uint16_t program_header_count;
    std::uint16_t section_header_size;
    std::uint16_t section_header_count;
    std::uint16_t section_name_index;
};
static_assert(sizeof(Header) == 52);

struct ProgramHeader {
    std::uint32_t type;
    std::uint32_t offset;
    std::uint32_t virtual_address;
    std::uint32_t physical_address;
    std::uint32_t file_size;
    std::uint32_t memory_size;
    std::uint32_t flags;
    std::uint32_t alignment;
};
static_assert(sizeof(ProgramHeader) == 32);

struct SectionHeader {
    std::uint32_t name;
    std::uint32_t type;
    std::uint32_t flags;
    std::uint32_t address;
    std::uint32_t offset;
    std::uint32_t size;
    std::uint32_t link;
    std::uint32_t info;
    std::uint32_t alignment;
    std::uint32_t entry_size;
};
static_assert(sizeof(SectionHeader) == 40);

struct Symbol {
    std::uint32_t name;
    std::uint32_t value;
    std::uint32_t size;
    std::uint8_t info;
    std::uint8_t other;
    std::uint16_t section;
};
static_assert(sizeof(Symbol) == 16);

inline constexpr std::uint16_t kMachine386 = 3;

} // namespace arch::elf32
