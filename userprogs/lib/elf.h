// SPDX-License-Identifier: MIT
// What a program reads of its own ELF file in memory, and of the auxiliary vector.
// [System V gABI "ELF Header", "Relocation", "Dynamic Section"; psABI AMD64 "Auxiliary Vector", "Relocation Types"]
#pragma once

#include "lib/arguments.h"

#include <cstddef>
#include <cstdint>

namespace user::elf {

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
};
inline constexpr std::uint16_t kTypeShared = 3;

struct DynamicEntry {
    std::uint64_t tag;
    std::uint64_t value; ///< a number or an address, by the tag
};
inline constexpr std::uint64_t kDynamicNull = 0, kDynamicRelocations = 7, kDynamicRelocationsSize = 8;

/// Elf64_Rela
struct Relocation {
    std::uint64_t offset;
    std::uint64_t info;
    std::uint64_t addend;
};
/// `info` of R_X86_64_RELATIVE, which has no symbol: the word becomes base + addend.
inline constexpr std::uint64_t kRelative = 8;

inline constexpr std::uint64_t kAuxNull = 0, kAuxProgramHeaders = 3, kAuxProgramHeaderCount = 5, kAuxBase = 7,
                               kAuxEntry = 9, kAuxVdso = 33;

/// The value of a tag in the auxiliary vector, 0 when it is not there.
inline std::uint64_t auxiliary(std::uint64_t tag)
{
    const std::size_t* word = arguments.after_count() + arguments.count + 1; // the environment
    while (*word++ != 0) {
    }
    for (; word[0] != kAuxNull; word += 2) {
        if (word[0] == tag) {
            return word[1];
        }
    }
    return 0;
}

} // namespace user::elf
