// SPDX-License-Identifier: MIT
// What the kernel's ELF loader must say of a file: the gABI in 128-bit arithmetic, with the structures of elf.h.
#pragma once

#include "unit/elf_sample.h"

#include <algorithm>
#include <optional>
#include <string>

namespace fake {

/// Why `file` must be refused, "too large" for ENOMEM; nothing when it must be accepted: then `loads` has what to load,
/// with the addresses that it has when position-independent programs go to `kElfBase`.
inline std::optional<std::string> elf_defect(const ElfFile& file, std::vector<Elf64_Phdr>& loads)
{
    using Wide = unsigned __int128;
    loads.clear();
    Elf64_Ehdr header;
    if (file.size() < sizeof header) {
        return "header";
    }
    std::memcpy(&header, file.data(), sizeof header);
    const std::string ident(reinterpret_cast<const char*>(header.e_ident), 7);
    if (ident != "\x7f\x45\x4c\x46\x02\x01\x01" || header.e_version != 1 ||
        (header.e_type != ET_EXEC && header.e_type != ET_DYN) || header.e_machine != EM_X86_64) {
        return "kind of file";
    }
    if (header.e_ehsize != 64 || header.e_phentsize != 56 || header.e_phnum == 0 || header.e_phnum > 64) {
        return "sizes";
    }
    if (Wide{header.e_phoff} + Wide{header.e_phnum} * 56 > file.size()) {
        return "program headers outside";
    }
    const bool anywhere = header.e_type == ET_DYN;
    std::uint64_t greatest_alignment = 4096;
    Wide previous_end = 0;
    bool entry_found = false;
    for (unsigned i = 0; i < header.e_phnum; ++i) {
        Elf64_Phdr segment;
        std::memcpy(&segment, file.data() + header.e_phoff + i * 56, sizeof segment);
        if (segment.p_type != PT_LOAD) {
            continue;
        }
        const Wide begin = segment.p_vaddr;
        const Wide end = begin + segment.p_memsz;
        if (segment.p_filesz > segment.p_memsz || Wide{segment.p_offset} + segment.p_filesz > file.size()) {
            return "file part";
        }
        if (segment.p_align != 0 && __builtin_popcountll(segment.p_align) != 1) {
            return "alignment";
        }
        const std::uint64_t align = std::max<std::uint64_t>(segment.p_align, 4096);
        if (segment.p_vaddr % align != segment.p_offset % align) {
            return "congruence";
        }
        greatest_alignment = std::max(greatest_alignment, align);
        if (anywhere ? end > 0x8000'0000 || align > 2 << 20 : begin < 0x1'0000 || end > 0x7000'0000'0000) {
            return "placement";
        }
        const unsigned rights = segment.p_flags & 7;
        if (rights != PF_R && rights != (PF_R | PF_W) && rights != (PF_R | PF_X)) {
            return "rights";
        }
        if (segment.p_memsz == 0) {
            continue;
        }
        if (!loads.empty() && begin < previous_end) {
            return "order or overlap";
        }
        if (!loads.empty() && begin / 4096 == (previous_end - 1) / 4096) {
            return "two segments in one page";
        }
        if (loads.size() == 16) {
            return "too many segments";
        }
        previous_end = end;
        loads.push_back(segment);
        entry_found |= header.e_entry >= begin && header.e_entry < end && rights == (PF_R | PF_X);
    }
    if (!entry_found) {
        return "entry";
    }
    Wide total = 0;
    for (const Elf64_Phdr& segment : loads) {
        total += ((Wide{segment.p_vaddr} + segment.p_memsz + 4095) / 4096 - segment.p_vaddr / 4096) * 4096;
    }
    for (Elf64_Phdr& segment : loads) {
        segment.p_vaddr += anywhere ? kElfBase / greatest_alignment * greatest_alignment : 0;
    }
    return total > 64 * 1024 * 1024 ? std::optional<std::string>("too large") : std::nullopt;
}

} // namespace fake
