// SPDX-License-Identifier: GPL-2.0-or-later
// The records of an ELF file of either class, each read as its 64-bit form.
// Invariant: nothing is read outside the file; who asks for a record has seen that its table lies inside.
#pragma once

#include "arch/elf.h"

#include <cstddef>
#include <cstdint>
#include <expected>
#include <span>
#include <string>

namespace ringcheck {

class ElfRecords {
public:
    /// Reads the file header and checks it, and that both tables lie in the file.
    /// Fails with one line: no ELF file, another class, byte order, machine or type, a truncated table.
    /// @param allow_32_bit  else an ELF32 is refused
    static std::expected<ElfRecords, std::string> open(std::span<const std::byte> file, bool allow_32_bit);

    bool is_32_bit() const { return is_32_bit_; }
    const arch::elf::Header& header() const { return header_; }
    /// @param index  below header().program_header_count
    arch::elf::ProgramHeader program_header(unsigned index) const;
    /// @param index  below header().section_header_count
    arch::elf::SectionHeader section_header(unsigned index) const;
    std::size_t symbol_bytes() const;
    /// The symbol at byte `offset` of a symbol table that has symbol_bytes() there.
    arch::elf::Symbol symbol(std::span<const std::byte> table, std::uint64_t offset) const;

private:
    ElfRecords(std::span<const std::byte> file, bool is_32_bit) : file_(file), is_32_bit_(is_32_bit) {}
    std::expected<void, std::string> check() const;

    std::span<const std::byte> file_;
    bool is_32_bit_;
    arch::elf::Header header_{};
};

} // namespace ringcheck
