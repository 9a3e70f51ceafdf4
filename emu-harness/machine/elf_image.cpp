// SPDX-License-Identifier: GPL-2.0-or-later
#include "machine/elf_image.h"

#include "arch/elf.h"
#include "arch/pvh.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <cxxabi.h>
#include <memory>
#include <string_view>

namespace ringcheck {
namespace {

namespace elf = arch::elf;
using Bytes = std::span<const std::byte>;

template <typename... Arguments>
std::unexpected<std::string> fail(fmt::format_string<Arguments...> text, Arguments&&... arguments)
{
    return std::unexpected(fmt::format(text, std::forward<Arguments>(arguments)...));
}

bool contains(Bytes file, std::uint64_t offset, std::uint64_t bytes)
{
    return offset <= file.size() && bytes <= file.size() - offset;
}

/// The caller has asked `contains` first.
template <typename Structure> Structure read(Bytes file, std::uint64_t offset)
{
    Structure value;
    std::memcpy(&value, file.data() + offset, sizeof value);
    return value;
}

/// The NUL-terminated string at `offset` of a string table; "" when it does not end inside.
std::string_view string_at(Bytes table, std::uint64_t offset)
{
    if (offset >= table.size()) {
        return {};
    }
    const char* const text = reinterpret_cast<const char*>(table.data()) + offset;
    const void* const end = std::memchr(text, 0, table.size() - offset);
    return end == nullptr ? std::string_view{} : std::string_view(text, static_cast<const char*>(end));
}

/// "kernel::Loom::yield" for "_ZN6kernel4Loom5yieldEv": the parameters are cut, for nobody types them.
std::string demangle(std::string_view mangled)
{
    if (!mangled.starts_with("_Z")) {
        return std::string(mangled);
    }
    int status = 0;
    const std::unique_ptr<char, decltype(&std::free)> text(
        abi::__cxa_demangle(std::string(mangled).c_str(), nullptr, nullptr, &status), &std::free);
    if (status != 0 || text == nullptr) {
        return std::string(mangled);
    }
    std::string name(text.get());
    // "(anonymous namespace)::f(int)": the parameter list is the last balanced pair of parentheses.
    const std::size_t close = name.rfind(')');
    if (close == std::string::npos) {
        return name;
    }
    unsigned depth = 0;
    for (std::size_t at = close + 1; at-- > 0;) {
        depth += name[at] == ')';
        depth -= name[at] == '(';
        if (depth == 0) {
            const bool is_scope = name.compare(close + 1, 2, "::") == 0;
            return is_scope || at == 0 ? name : name.substr(0, at);
        }
    }
    return name;
}

std::string first_bytes(Bytes file)
{
    std::string text;
    for (const std::byte byte : file.first(std::min<std::size_t>(file.size(), 4))) {
        text += fmt::format("{}{:02x}", text.empty() ? "" : " ", static_cast<unsigned>(byte));
    }
    return text;
}

std::expected<elf::Header, std::string> read_header(Bytes file)
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
    if (file[elf::kIdentClass] == std::byte{elf::kClass32}) {
        return fail("a 32-bit ELF (ELFCLASS32); ringcheck runs 64-bit kernels");
    }
    if (file.size() < sizeof(elf::Header)) {
        return fail("truncated: the ELF header is {} bytes, the file has {}", sizeof(elf::Header), file.size());
    }
    const auto header = read<elf::Header>(file, 0);
    if (header.ident[elf::kIdentClass] != elf::kClass64 || header.ident[elf::kIdentData] != elf::kLittleEndian) {
        return fail("not a little-endian 64-bit ELF (class {}, data {})", header.ident[elf::kIdentClass],
                    header.ident[elf::kIdentData]);
    }
    if (header.machine != elf::kMachineX86_64) {
        return fail("built for ELF machine {}, not for x86-64 ({})", header.machine, elf::kMachineX86_64);
    }
    if (header.type != elf::kTypeExecutable) {
        return fail("ELF type {} is not an executable ({})", header.type, elf::kTypeExecutable);
    }
    if (header.program_header_size != sizeof(elf::ProgramHeader)) {
        return fail("program headers of {} bytes, expected {}", header.program_header_size, sizeof(elf::ProgramHeader));
    }
    const std::uint64_t bytes = std::uint64_t{header.program_header_count} * sizeof(elf::ProgramHeader);
    if (!contains(file, header.program_header_offset, bytes)) {
        return fail("truncated: program headers end at {:#x}, the file has {:#x} bytes",
                    header.program_header_offset + bytes, file.size());
    }
    return header;
}

/// Looks through one PT_NOTE segment for the PVH entry.  [Xen "x86/HVM direct boot ABI"]
std::optional<std::uint32_t> find_pvh_entry(Bytes notes)
{
    const auto padded = [](std::uint64_t size) { return (size + 3) & ~std::uint64_t{3}; };
    std::uint64_t offset = 0;
    while (contains(notes, offset, sizeof(elf::NoteHeader))) {
        const auto note = read<elf::NoteHeader>(notes, offset);
        const std::uint64_t name = offset + sizeof note;
        const std::uint64_t description = name + padded(note.name_size);
        if (!contains(notes, name, note.name_size) || !contains(notes, description, note.description_size)) {
            return std::nullopt;
        }
        if (note.type == arch::pvh::kNotePhysicalEntry && string_at(notes.subspan(name, note.name_size), 0) == "Xen" &&
            (note.description_size == 4 || note.description_size == 8)) {
            return read<std::uint32_t>(notes, description);
        }
        offset = description + padded(note.description_size);
    }
    return std::nullopt;
}

std::expected<Bytes, std::string> section_bytes(Bytes file, const elf::SectionHeader& section, const char* what)
{
    if (!contains(file, section.offset, section.size)) {
        return fail("truncated: the {} ends at {:#x}, the file has {:#x} bytes", what, section.offset + section.size,
                    file.size());
    }
    return file.subspan(section.offset, section.size);
}

/// Functions hide plain labels at the same address, so that a backtrace names what a person wrote.
bool names_code(const elf::Symbol& symbol)
{
    const std::uint8_t type = elf::symbol_type(symbol.info);
    constexpr std::uint16_t kUndefinedSection = 0, kFirstReservedSection = 0xff00;
    return (type == elf::kSymbolNoType || type == elf::kSymbolObject || type == elf::kSymbolFunction) &&
           symbol.section != kUndefinedSection && symbol.section < kFirstReservedSection;
}

std::expected<std::vector<ElfSymbol>, std::string> read_symbols(Bytes file, const elf::Header& header)
{
    std::vector<ElfSymbol> symbols;
    if (header.section_header_count == 0) {
        return symbols;
    }
    const std::uint64_t bytes = std::uint64_t{header.section_header_count} * sizeof(elf::SectionHeader);
    if (header.section_header_size != sizeof(elf::SectionHeader) ||
        !contains(file, header.section_header_offset, bytes)) {
        return fail("truncated: section headers end at {:#x}, the file has {:#x} bytes",
                    header.section_header_offset + bytes, file.size());
    }
    const auto section = [&](std::uint64_t index) {
        return read<elf::SectionHeader>(file, header.section_header_offset + index * sizeof(elf::SectionHeader));
    };
    for (std::uint64_t index = 0; index < header.section_header_count; ++index) {
        const elf::SectionHeader table = section(index);
        if (table.type != elf::kSectionSymbolTable) {
            continue;
        }
        if (table.link >= header.section_header_count) {
            return fail("the symbol table names section {} of {}", table.link, header.section_header_count);
        }
        const auto entries = section_bytes(file, table, "symbol table");
        const auto names = section_bytes(file, section(table.link), "string table");
        if (!entries || !names) {
            return std::unexpected(!entries ? entries.error() : names.error());
        }
        for (std::uint64_t at = 0; contains(*entries, at, sizeof(elf::Symbol)); at += sizeof(elf::Symbol)) {
            const auto symbol = read<elf::Symbol>(*entries, at);
            const std::string_view name = string_at(*names, symbol.name);
            if (!name.empty() && names_code(symbol)) {
                symbols.push_back(
                    {demangle(name), symbol.value, symbol.size, elf::symbol_type(symbol.info) == elf::kSymbolFunction});
            }
        }
    }
    return symbols;
}

} // namespace

std::expected<ElfImage, std::string> ElfImage::parse(std::vector<std::byte> file)
{
    ElfImage image;
    image.file_ = std::move(file);
    const Bytes bytes = image.file_;
    const auto header = read_header(bytes);
    if (!header) {
        return std::unexpected(header.error());
    }
    image.entry_ = header->entry;

    for (unsigned index = 0; index < header->program_header_count; ++index) {
        const auto segment = read<elf::ProgramHeader>(bytes, header->program_header_offset +
                                                                 std::uint64_t{index} * sizeof(elf::ProgramHeader));
        if (segment.type != elf::kSegmentLoad && segment.type != elf::kSegmentNote) {
            continue;
        }
        if (!contains(bytes, segment.offset, segment.file_size)) {
            return fail("truncated: segment {} ends at {:#x}, the file has {:#x} bytes", index,
                        segment.offset + segment.file_size, bytes.size());
        }
        const Bytes contents = bytes.subspan(segment.offset, segment.file_size);
        if (segment.type == elf::kSegmentNote) {
            image.pvh_entry_ = image.pvh_entry_ ? image.pvh_entry_ : find_pvh_entry(contents);
            continue;
        }
        if (segment.file_size > segment.memory_size) {
            return fail("segment {} has {:#x} bytes in the file but {:#x} in memory", index, segment.file_size,
                        segment.memory_size);
        }
        image.segments_.push_back({arch::VirtAddr{segment.virtual_address}, arch::PhysAddr{segment.physical_address},
                                   segment.memory_size, contents, (segment.flags & elf::kSegmentReadable) != 0,
                                   (segment.flags & elf::kSegmentWritable) != 0,
                                   (segment.flags & elf::kSegmentExecutable) != 0});
    }
    if (image.segments_.empty()) {
        return fail("no segment to load");
    }

    auto symbols = read_symbols(bytes, *header);
    if (!symbols) {
        return std::unexpected(symbols.error());
    }
    for (ElfSymbol& symbol : *symbols) {
        image.by_name_.try_emplace(symbol.name, symbol.address);
        const auto [at, added] = image.by_address_.try_emplace(symbol.address, symbol);
        if (!added && symbol.is_function && !at->second.is_function) {
            at->second = std::move(symbol);
        }
    }
    return image;
}

std::expected<ElfImage, std::string> ElfImage::load(const std::string& path)
{
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"), &std::fclose);
    if (file == nullptr) {
        return fail("{}: {}", path, std::strerror(errno));
    }
    std::vector<std::byte> bytes;
    std::size_t used = 0;
    do {
        bytes.resize(used + (std::size_t{1} << 20));
        used += std::fread(bytes.data() + used, 1, bytes.size() - used, file.get());
    } while (used == bytes.size());
    if (std::ferror(file.get()) != 0) {
        return fail("{}: {}", path, std::strerror(errno));
    }
    bytes.resize(used);
    auto image = parse(std::move(bytes));
    return image ? std::move(image) : fail("{}: {}", path, image.error());
}

std::optional<std::uint64_t> ElfImage::symbol(const std::string& name) const
{
    const auto found = by_name_.find(name);
    return found == by_name_.end() ? std::nullopt : std::optional(found->second);
}

std::string ElfImage::describe(std::uint64_t address) const
{
    auto above = by_address_.upper_bound(address);
    if (above == by_address_.begin()) {
        return "";
    }
    const ElfSymbol& symbol = std::prev(above)->second;
    const std::uint64_t offset = address - symbol.address;
    // An assembly label has no size: it reaches to the next symbol, but not out of its segment.
    const bool covered = symbol.size != 0 ? offset < symbol.size
                                          : std::ranges::any_of(
                                                segments_,
                                                [&](const ElfSegment& segment) {
                                                    const std::uint64_t begin = segment.virtual_address.value;
                                                    return symbol.address - begin < segment.memory_size &&
                                                           address - begin < segment.memory_size;
                                                });
    if (!covered) {
        return "";
    }
    return offset == 0 ? symbol.name : fmt::format("{}+{:#x}", symbol.name, offset);
}

} // namespace ringcheck
