// SPDX-License-Identifier: MIT
// The shared object that the kernel gives to each program, found as a C library finds it: by its hash table and its
// version.  [vdso(7); System V gABI "Hash Table"; LSB "Symbol Versioning"]
#pragma once

#include "lib/elf.h"

namespace user::vdso {

struct ProgramHeader {
    std::uint32_t type;
    std::uint32_t flags;
    std::uint64_t offset;
    std::uint64_t address;
    std::uint64_t physical_address;
    std::uint64_t file_size;
    std::uint64_t memory_size;
    std::uint64_t alignment;
};
struct Symbol {
    std::uint32_t name;
    std::uint8_t info;
    std::uint8_t other;
    std::uint16_t section;
    std::uint64_t value;
    std::uint64_t size;
};
/// Elf64_Verdef; its first Elf64_Verdaux begins with the name.
struct Version {
    std::uint16_t revision;
    std::uint16_t flags;
    std::uint16_t index;
    std::uint16_t names;
    std::uint32_t hash;
    std::uint32_t first_name;
    std::uint32_t next;
};

inline constexpr std::uint32_t kLoad = 1, kDynamic = 2;
inline constexpr std::uint64_t kHash = 4, kStrings = 5, kSymbols = 6, kSymbolVersions = 0x6fff'fff0,
                               kVersions = 0x6fff'fffc;

constexpr std::uint32_t hash(const char* name)
{
    std::uint32_t value = 0;
    for (; *name != '\0'; ++name) {
        value = (value << 4) + static_cast<std::uint8_t>(*name);
        value = (value ^ (value & 0xf000'0000) >> 24) & 0x0fff'ffff;
    }
    return value;
}

/// Where the image begins, 0 when the kernel gives none.
inline std::uint64_t image()
{
    return elf::auxiliary(elf::kAuxVdso);
}

/// The address of the function `name` in `version`, 0 when it has none.
inline std::uint64_t find(const char* name, const char* version)
{
    const std::uint64_t begin = image();
    if (begin == 0) {
        return 0;
    }
    const auto at = [&]<typename T>(std::uint64_t offset, T) { return reinterpret_cast<const T*>(begin + offset); };
    const auto& header = *at(0, elf::Header{});
    const auto* const parts = at(header.program_header_offset, ProgramHeader{});
    const elf::DynamicEntry* dynamic = nullptr;
    for (unsigned i = 0; i < header.program_header_count; ++i) {
        if (parts[i].type == kLoad && (parts[i].offset != 0 || parts[i].address != 0)) {
            return 0; // addresses would not be distances from the beginning
        }
        if (parts[i].type == kDynamic) {
            dynamic = at(parts[i].offset, elf::DynamicEntry{});
        }
    }
    const auto value = [&](std::uint64_t tag) {
        const elf::DynamicEntry* entry = dynamic;
        while (entry->tag != elf::kDynamicNull && entry->tag != tag) {
            ++entry;
        }
        return entry->value;
    };
    const auto* const table = at(value(kHash), std::uint32_t{});
    const auto* const strings = at(value(kStrings), char{});
    const auto* const symbols = at(value(kSymbols), Symbol{});
    const auto* const symbol_versions = at(value(kSymbolVersions), std::uint16_t{});
    const auto version_of = [&](std::uint16_t index) {
        std::uint64_t place = value(kVersions);
        for (;; place += at(place, Version{})->next) {
            const Version& one = *at(place, Version{});
            if (one.index == index) {
                return one.hash == hash(version) ? strings + *at(place + one.first_name, std::uint32_t{}) : "";
            }
            if (one.next == 0) {
                return "";
            }
        }
    };
    const std::uint32_t buckets = table[0];
    for (std::uint32_t i = table[2 + hash(name) % buckets]; i != 0; i = table[2 + buckets + i]) {
        if (equal(strings + symbols[i].name, name) && equal(version_of(symbol_versions[i]), version)) {
            return begin + symbols[i].value;
        }
    }
    return 0;
}

} // namespace user::vdso
