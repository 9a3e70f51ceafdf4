// SPDX-License-Identifier: MIT
// Builds small ELF64 executables in memory, so that a test can then damage them.
#pragma once

#include "arch/elf.h"
#include "arch/pvh.h"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace support {

class ElfBuilder {
public:
    struct Symbol {
        std::string name;
        std::uint64_t value = 0, size = 0;
        std::uint8_t type = arch::elf::kSymbolFunction;
    };

    ElfBuilder& entry(std::uint64_t address)
    {
        entry_ = address;
        return *this;
    }
    ElfBuilder& pvh_entry(std::uint32_t address)
    {
        pvh_entry_ = address;
        return *this;
    }
    ElfBuilder& segment(std::uint64_t virtual_address, std::uint64_t physical_address, std::span<const std::byte> bytes,
                        std::uint64_t memory_size, std::uint32_t flags = arch::elf::kSegmentReadable)
    {
        segments_.push_back(
            {{arch::elf::kSegmentLoad, flags, 0, virtual_address, physical_address, bytes.size(), memory_size, 1},
             {bytes.begin(), bytes.end()}});
        return *this;
    }
    ElfBuilder& symbols(std::initializer_list<Symbol> symbols)
    {
        symbols_ = symbols;
        return *this;
    }

    std::vector<std::byte> build() const
    {
        namespace elf = arch::elf;
        std::vector<Segment> segments = segments_;
        if (pvh_entry_) {
            const std::vector<std::byte> note = pvh_note(*pvh_entry_);
            segments.push_back(
                {{elf::kSegmentNote, elf::kSegmentReadable, 0, 0, 0, note.size(), note.size(), 4}, note});
        }
        std::vector<std::byte> file(sizeof(elf::Header) + segments.size() * sizeof(elf::ProgramHeader));
        for (std::size_t i = 0; i < segments.size(); ++i) {
            elf::ProgramHeader header = segments[i].header;
            header.offset = file.size();
            put(file, sizeof(elf::Header) + i * sizeof header, header);
            file.insert(file.end(), segments[i].bytes.begin(), segments[i].bytes.end());
        }
        elf::Header header{};
        std::memcpy(header.ident, elf::kMagic, sizeof elf::kMagic);
        header.ident[elf::kIdentClass] = elf::kClass64;
        header.ident[elf::kIdentData] = elf::kLittleEndian;
        header.ident[elf::kIdentVersion] = elf::kCurrentVersion;
        header.type = elf::kTypeExecutable;
        header.machine = elf::kMachineX86_64;
        header.version = elf::kCurrentVersion;
        header.entry = entry_;
        header.program_header_offset = sizeof header;
        header.header_size = sizeof header;
        header.program_header_size = sizeof(elf::ProgramHeader);
        header.program_header_count = static_cast<std::uint16_t>(segments.size());
        if (!symbols_.empty()) {
            append_symbols(file, header);
        }
        put(file, 0, header);
        return file;
    }

private:
    struct Segment {
        arch::elf::ProgramHeader header;
        std::vector<std::byte> bytes;
    };

    template <typename Value> static void put(std::vector<std::byte>& file, std::size_t at, const Value& value)
    {
        std::memcpy(file.data() + at, &value, sizeof value);
    }
    template <typename Value> static void append(std::vector<std::byte>& file, const Value& value)
    {
        file.resize(file.size() + sizeof value);
        put(file, file.size() - sizeof value, value);
    }

    static std::vector<std::byte> pvh_note(std::uint32_t entry)
    {
        std::vector<std::byte> note;
        append(note, arch::elf::NoteHeader{4, sizeof entry, arch::pvh::kNotePhysicalEntry});
        append(note, std::uint32_t{'X' | 'e' << 8 | 'n' << 16});
        append(note, entry);
        return note;
    }

    /// Section 0 is null, 1 the symbol table, 2 its strings.
    void append_symbols(std::vector<std::byte>& file, arch::elf::Header& header) const
    {
        namespace elf = arch::elf;
        std::string strings(1, '\0');
        elf::SectionHeader table{}, string_table{};
        table.type = elf::kSectionSymbolTable;
        table.offset = file.size();
        table.link = 2;
        append(file, elf::Symbol{});
        for (const Symbol& symbol : symbols_) {
            append(file, elf::Symbol{static_cast<std::uint32_t>(strings.size()), symbol.type, 0, 1, symbol.value,
                                     symbol.size});
            strings += symbol.name + '\0';
        }
        table.size = file.size() - table.offset;
        string_table.type = elf::kSectionStringTable;
        string_table.offset = file.size();
        string_table.size = strings.size();
        for (const char character : strings) {
            file.push_back(static_cast<std::byte>(character));
        }
        header.section_header_offset = file.size();
        header.section_header_size = sizeof(elf::SectionHeader);
        header.section_header_count = 3;
        append(file, elf::SectionHeader{});
        append(file, table);
        append(file, string_table);
    }

    std::uint64_t entry_ = 0;
    std::optional<std::uint32_t> pvh_entry_;
    std::vector<Segment> segments_;
    std::vector<Symbol> symbols_;
};

} // namespace support
