// SPDX-License-Identifier: GPL-2.0-or-later
#include "machine/elf_records.h"

#include "arch/elf32.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace ringcheck {
namespace {

namespace elf = arch::elf;
namespace elf32 = arch::elf32;
using Bytes = std::span<const std::byte>;

template <typename... Arguments>
std::unexpected<std::string> fail(fmt::format_string<Arguments...> text, Arguments&&... arguments)
{
    return std::unexpected(fmt::format(text, std::forward<Arguments>(arguments)...));
}

template <typename Structure> Structure read(Bytes file, std::uint64_t offset)
{
    Structure value;
    std::memcpy(&value, file.data() + offset, sizeof value);
    return value;
}

elf::Header widen(const elf32::Header& narrow)
{
    elf::Header wide{};
    std::ranges::copy(narrow.ident, wide.ident);
    wide.type = narrow.type;
    wide.machine = narrow.machine;
    wide.version = narrow.version;
    wide.entry = narrow.entry;
    wide.program_header_offset = narrow.program_header_offset;
    wide.section_header_offset = narrow.section_header_offset;
    wide.flags = narrow.flags;
    wide.header_size = narrow.header_size;
    wide.program_header_size = narrow.program_header_size;
    wide.program_header_count = narrow.program_header_count;
    wide.section_header_size = narrow.section_header_size;
    wide.section_header_count = narrow.section_header_count;
    wide.section_name_index = narrow.section_name_index;
    return wide;
}

elf::ProgramHeader widen(const elf32::ProgramHeader& narrow)
{
    return {narrow.type,      narrow.flags,       narrow.offset,   narrow.virtual_address, narrow.physical_address,
            narrow.file_size, narrow.memory_size, narrow.alignment};
}

elf::SectionHeader widen(const elf32::SectionHeader& narrow)
{
    return {narrow.name, narrow.type, narrow.flags, narrow.address,   narrow.offset,
            narrow.size, narrow.link, narrow.info,  narrow.alignment, narrow.entry_size};
}

elf::Symbol widen(const elf32::Symbol& narrow)
{
    return {narrow.name, narrow.info, narrow.other, narrow.section, narrow.value, narrow.size};
}

std::string first_bytes(Bytes file)
{
    std::string text;
    for (const std::byte byte : file.first(std::min<std::size_t>(file.size(), 4))) {
        text += fmt::format("{}{:02x}", text.empty() ? "" : " ", static_cast<unsigned>(byte));
    }
    return text;
}

/// Of a file's header: its table of `count` records of `bytes` bytes each, expected to be `expected` long each.
std::expected<void, std::string> check_table(Bytes file, const char* what, std::uint64_t offset, unsigned count,
                                             std::size_t bytes, std::size_t expected)
{
    if (bytes != expected) {
        return fail("{} headers of {} bytes, expected {}", what, bytes, expected);
    }
    const std::uint64_t size = std::uint64_t{count} * bytes;
    if (offset > file.size() || size > file.size() - offset) {
        return fail("truncated: {} headers end at {:#x}, the file has {:#x} bytes", what, offset + size, file.size());
    }
    return {};
}

} // namespace

std::expected<ElfRecords, std::string> ElfRecords::open(Bytes file, bool allow_32_bit)
{
    if (file.empty()) {
        return fail("an empty file");
    }
    if (file.size() < sizeof elf::kMagic || std::memcmp(file.data(), elf::kMagic, sizeof elf::kMagic) != 0) {
        return fail("not an ELF file (starts with {})", first_bytes(file));
    }
    if (file.size() <= elf::kIdentData) {
        return fail("truncated: {} bytes are no ELF header", file.size());
    }
    const bool is_32_bit = file[elf::kIdentClass] == std::byte{elf::kClass32};
    if (is_32_bit && !allow_32_bit) {
        return fail("a 32-bit ELF (ELFCLASS32); ringcheck runs 64-bit kernels");
    }
    const std::size_t bytes = is_32_bit ? sizeof(elf32::Header) : sizeof(elf::Header);
    if (file.size() < bytes) {
        return fail("truncated: the ELF header is {} bytes, the file has {}", bytes, file.size());
    }
    ElfRecords records(file, is_32_bit);
    records.header_ = is_32_bit ? widen(read<elf32::Header>(file, 0)) : read<elf::Header>(file, 0);
    if (auto checked = records.check(); !checked) {
        return std::unexpected(checked.error());
    }
    return records;
}

std::expected<void, std::string> ElfRecords::check() const
{
    const elf::Header& header = header_;
    const std::uint8_t wanted_class = is_32_bit_ ? elf::kClass32 : elf::kClass64;
    if (header.ident[elf::kIdentClass] != wanted_class || header.ident[elf::kIdentData] != elf::kLittleEndian) {
        return fail("not a little-endian 64-bit ELF (class {}, data {})", header.ident[elf::kIdentClass],
                    header.ident[elf::kIdentData]);
    }
    const std::uint16_t machine = is_32_bit_ ? elf32::kMachine386 : elf::kMachineX86_64;
    if (header.machine != machine) {
        return fail("built for ELF machine {}, not for {} ({})", header.machine, is_32_bit_ ? "80386" : "x86-64",
                    machine);
    }
    if (header.type != elf::kTypeExecutable && header.type != elf::kTypeShared) {
        return fail("ELF type {} is not an executable ({})", header.type, elf::kTypeExecutable);
    }
    if (auto programs = check_table(file_, "program", header.program_header_offset, header.program_header_count,
                                    header.program_header_size,
                                    is_32_bit_ ? sizeof(elf32::ProgramHeader) : sizeof(elf::ProgramHeader));
        !programs || header.section_header_count == 0) {
        return programs;
    }
    return check_table(file_, "section", header.section_header_offset, header.section_header_count,
                       header.section_header_size,
                       is_32_bit_ ? sizeof(elf32::SectionHeader) : sizeof(elf::SectionHeader));
}

elf::ProgramHeader ElfRecords::program_header(unsigned index) const
{
    const std::uint64_t at = header_.program_header_offset + std::uint64_t{index} * header_.program_header_size;
    return is_32_bit_ ? widen(read<elf32::ProgramHeader>(file_, at)) : read<elf::ProgramHeader>(file_, at);
}

elf::SectionHeader ElfRecords::section_header(unsigned index) const
{
    const std::uint64_t at = header_.section_header_offset + std::uint64_t{index} * header_.section_header_size;
    return is_32_bit_ ? widen(read<elf32::SectionHeader>(file_, at)) : read<elf::SectionHeader>(file_, at);
}

std::size_t ElfRecords::symbol_bytes() const
{
    return is_32_bit_ ? sizeof(elf32::Symbol) : sizeof(elf::Symbol);
}

elf::Symbol ElfRecords::symbol(Bytes table, std::uint64_t offset) const
{
    return is_32_bit_ ? widen(read<elf32::Symbol>(table, offset)) : read<elf::Symbol>(table, offset);
}

} // namespace ringcheck
