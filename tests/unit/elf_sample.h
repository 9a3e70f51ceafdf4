// SPDX-License-Identifier: MIT
// A program file for the tests of the ELF loader, to be damaged at will.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <elf.h>
#include <vector>

namespace fake {

using ElfFile = std::vector<std::uint8_t>;

/// Writes `value` over the bytes from `offset` on, all of which are inside.
template <typename T> void put(ElfFile& file, std::size_t offset, T value)
{
    std::memcpy(file.data() + offset, &value, sizeof value);
}

/// Where the kernel puts a position-independent program in these tests; no large page begins there.
inline constexpr std::uint64_t kElfBase = 0x5555'7654'3000;

/// A program as ld.lld makes them: headers and text, read-only data, data with a zeroed tail; small enough to try each
/// of its truncations.
struct SampleElf {
    static constexpr std::size_t kHeaders = sizeof(Elf64_Ehdr) + 4 * sizeof(Elf64_Phdr);
    static constexpr std::size_t kTextSize = 0x180, kRodataOffset = 0x1000, kRodataSize = 0x23, kDataOffset = 0x1030,
                                 kDataSize = 0x11, kDataMemory = 0x2100;
    static constexpr std::uint64_t kText = 0x40'0000, kRodata = 0x40'1000, kData = 0x40'2030, kEntry = 0x40'0150;

    static Elf64_Phdr segment(std::uint32_t flags, std::uint64_t offset, std::uint64_t address, std::uint64_t in_file,
                              std::uint64_t in_memory)
    {
        return {PT_LOAD, flags, offset, address, address, in_file, in_memory, 0x1000};
    }

    static ElfFile file()
    {
        Elf64_Ehdr header = {};
        std::memcpy(header.e_ident, ELFMAG, SELFMAG);
        header.e_ident[EI_CLASS] = ELFCLASS64;
        header.e_ident[EI_DATA] = ELFDATA2LSB;
        header.e_ident[EI_VERSION] = EV_CURRENT;
        header.e_type = ET_EXEC;
        header.e_machine = EM_X86_64;
        header.e_version = EV_CURRENT;
        header.e_entry = kEntry;
        header.e_phoff = sizeof(Elf64_Ehdr);
        header.e_ehsize = sizeof(Elf64_Ehdr);
        header.e_phentsize = sizeof(Elf64_Phdr);
        header.e_phnum = 4;
        const Elf64_Phdr segments[4] = {segment(PF_R | PF_X, 0, kText, kTextSize, kTextSize),
                                        segment(PF_R, kRodataOffset, kRodata, kRodataSize, kRodataSize),
                                        segment(PF_R | PF_W, kDataOffset, kData, kDataSize, kDataMemory),
                                        {PT_GNU_STACK, PF_R | PF_W, 0, 0, 0, 0, 0, 16}};
        ElfFile file(kDataOffset + kDataSize);
        for (std::size_t i = 0; i < file.size(); ++i) {
            file[i] = static_cast<std::uint8_t>(i * 7 + 1);
        }
        std::memcpy(file.data(), &header, sizeof header);
        std::memcpy(file.data() + sizeof header, segments, sizeof segments);
        return file;
    }

    /// The same as a static PIE: its addresses begin at 0.
    static ElfFile position_independent()
    {
        ElfFile result = file();
        put(result, offsetof(Elf64_Ehdr, e_type), std::uint16_t{ET_DYN});
        put(result, offsetof(Elf64_Ehdr, e_entry), kEntry - kText);
        const std::uint64_t addresses[] = {kText, kRodata, kData};
        for (std::size_t i = 0; i < 3; ++i) {
            put(result, program_header(i) + offsetof(Elf64_Phdr, p_vaddr), addresses[i] - kText);
        }
        return result;
    }

    static constexpr std::size_t program_header(std::size_t index)
    {
        return sizeof(Elf64_Ehdr) + index * sizeof(Elf64_Phdr);
    }
};

} // namespace fake
