// SPDX-License-Identifier: MIT
// The ELF64 structures that a loader reads, and the values it accepts.
// [System V gABI "ELF Header", "Program Header", "Symbol Table", "Relocation"; psABI AMD64 "Object Files"]
#pragma once

#include <cstdint>

namespace arch::elf {

struct Header {
    std::uint8_t ident[16];
    std::uint16_t type;
    std::uint16_t machine;
    std::uint32_t version;
    std::uint64_t entry;
    std::uint64_t program_header_offset;
    std::uint64_t section_header_offset;
    std::uint32_t flags;
    std::uint16_t header_size;
    std::uint16_t program_header_size;
    std::uint16_t program_header_count;
    std::uint16_t section_header_size;
    std::uint16_t section_header_count;
    std::uint16_t section_name_index;
};
static_assert(sizeof(Header) == 64);

struct ProgramHeader {
    std::uint32_t type;
    std::uint32_t flags;
    std::uint64_t offset;
    std::uint64_t virtual_address;
    std::uint64_t physical_address;
    std::uint64_t file_size;
    std::uint64_t memory_size;
    std::uint64_t alignment;
};
static_assert(sizeof(ProgramHeader) == 56);

struct SectionHeader {
    std::uint32_t name;
    std::uint32_t type;
    std::uint64_t flags;
    std::uint64_t address;
    std::uint64_t offset;
    std::uint64_t size;
    std::uint32_t link;
    std::uint32_t info;
    std::uint64_t alignment;
    std::uint64_t entry_size;
};
static_assert(sizeof(SectionHeader) == 64);

struct Symbol {
    std::uint32_t name;
    std::uint8_t info;
    std::uint8_t other;
    std::uint16_t section;
    std::uint64_t value;
    std::uint64_t size;
};
static_assert(sizeof(Symbol) == 24);

/// An entry of a relocation section, with its addend.  [System V gABI "Relocation"]
struct Relocation {
    std::uint64_t offset; ///< in an executable: the address of what is relocated
    std::uint64_t info;
    std::int64_t addend;

    constexpr std::uint32_t type() const { return static_cast<std::uint32_t>(info); }
    constexpr std::uint64_t symbol() const { return info >> 32; }
};
static_assert(sizeof(Relocation) == 24);

/// What a relocation stores, S being the symbol, A the addend, P the place.  [psABI AMD64 "Relocation Types"]
inline constexpr std::uint32_t kRelocation64 = 1, ///< S + A
    kRelocationPc32 = 2,                          ///< S + A - P
    kRelocationPlt32 = 4,                         ///< the same, without a procedure linkage table
    kRelocation32Signed = 11;                     ///< S + A, sign-extended

struct NoteHeader {
    std::uint32_t name_size;
    std::uint32_t description_size;
    std::uint32_t type;
};

inline constexpr std::uint8_t kMagic[4] = {0x7f, 'E', 'L', 'F'};
/// Positions in `Header::ident` and their accepted values.
inline constexpr unsigned kIdentClass = 4, kIdentData = 5, kIdentVersion = 6;
inline constexpr std::uint8_t kClass32 = 1, kClass64 = 2, kLittleEndian = 1, kCurrentVersion = 1;
inline constexpr std::uint16_t kTypeExecutable = 2, kTypeShared = 3;
inline constexpr std::uint16_t kMachineX86_64 = 62;
inline constexpr std::uint32_t kSegmentLoad = 1, kSegmentDynamic = 2, kSegmentInterpreter = 3, kSegmentNote = 4;
inline constexpr std::uint32_t kSegmentExecutable = 1, kSegmentWritable = 2, kSegmentReadable = 4;
inline constexpr std::uint32_t kSectionSymbolTable = 2, kSectionStringTable = 3, kSectionRelocations = 4;
inline constexpr std::uint64_t kSectionAllocated = 2; ///< of SectionHeader::flags: it takes memory
inline constexpr std::uint8_t kSymbolNoType = 0, kSymbolObject = 1, kSymbolFunction = 2;
constexpr std::uint8_t symbol_type(std::uint8_t info)
{
    return info & 0xf;
}

/// Auxiliary vector tags.  [psABI AMD64 "Auxiliary Vector"]
inline constexpr std::uint64_t kAuxNull = 0, kAuxProgramHeaders = 3, kAuxProgramHeaderSize = 4,
                               kAuxProgramHeaderCount = 5, kAuxPageSize = 6, kAuxBase = 7, kAuxEntry = 9, kAuxUid = 11,
                               kAuxEuid = 12, kAuxGid = 13, kAuxEgid = 14, kAuxHardwareCapabilities = 16,
                               kAuxClockTicks = 17, kAuxSecure = 23, kAuxRandom = 25, kAuxExecutableName = 31,
                               kAuxVdso = 33;

} // namespace arch::elf
