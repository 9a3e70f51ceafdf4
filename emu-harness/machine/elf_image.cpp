// SPDX-License-Identifier: GPL-2.0-or-later
#include "machine/elf_image.h"

#include "arch/elf.h"
#include "arch/pvh.h"
#include "machine/elf_records.h"
#include "machine/multiboot1_header.h"

#include <fmt/format.h>

#include <algorithm>
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

std::expected<std::vector<ElfSymbol>, std::string> read_symbols(Bytes file, const ElfRecords& records)
{
    std::vector<ElfSymbol> symbols;
    const unsigned sections = records.header().section_header_count;
    for (unsigned index = 0; index < sections; ++index) {
        const elf::SectionHeader table = records.section_header(index);
        if (table.type != elf::kSectionSymbolTable) {
            continue;
        }
        if (table.link >= sections) {
            return fail("the symbol table names section {} of {}", table.link, sections);
        }
        const auto entries = section_bytes(file, table, "symbol table");
        const auto names = section_bytes(file, records.section_header(table.link), "string table");
        if (!entries || !names) {
            return std::unexpected(!entries ? entries.error() : names.error());
        }
        for (std::uint64_t at = 0; contains(*entries, at, records.symbol_bytes()); at += records.symbol_bytes()) {
            const elf::Symbol symbol = records.symbol(*entries, at);
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

std::expected<ElfImage, std::string> ElfImage::parse(SharedBytes file, ElfUse use)
{
    ElfImage image;
    image.file_ = std::move(file);
    const Bytes bytes = image.file_;
    const bool has_multiboot1 = find_multiboot1_header(bytes).has_value();
    const auto records = ElfRecords::open(bytes, has_multiboot1);
    if (!records) {
        return std::unexpected(records.error());
    }
    if (use == ElfUse::Kernel && records->header().type != elf::kTypeExecutable) {
        return fail("ELF type {} is not an executable ({})", records->header().type, elf::kTypeExecutable);
    }
    image.is_32_bit_ = records->is_32_bit();
    image.entry_ = records->header().entry;

    for (unsigned index = 0; index < records->header().program_header_count; ++index) {
        const elf::ProgramHeader segment = records->program_header(index);
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
        if (segment.memory_size != 0 && segment.virtual_address + (segment.memory_size - 1) < segment.virtual_address) {
            return fail("segment {} at {:#x}, {:#x} bytes, goes on beyond the last address", index,
                        segment.virtual_address, segment.memory_size);
        }
        image.segments_.push_back({arch::VirtAddr{segment.virtual_address}, arch::PhysAddr{segment.physical_address},
                                   segment.memory_size, contents, (segment.flags & elf::kSegmentReadable) != 0,
                                   (segment.flags & elf::kSegmentWritable) != 0,
                                   (segment.flags & elf::kSegmentExecutable) != 0});
    }
    if (image.segments_.empty()) {
        return fail("no segment to load");
    }

    auto symbols = read_symbols(bytes, *records);
    if (!symbols) {
        return std::unexpected(symbols.error());
    }
    for (ElfSymbol& symbol : *symbols) {
        image.by_name_.try_emplace(symbol.name, symbol.address);
        const auto [at, added] = image.by_address_.try_emplace(symbol.address, symbol);
        // Of several names for one address the one that says most: a function, or at least something with a size.
        const auto worth = [](const ElfSymbol& one) { return std::pair(one.is_function, one.size != 0); };
        if (!added && worth(symbol) > worth(at->second)) {
            at->second = std::move(symbol);
        }
    }
    return image;
}

std::expected<ElfImage, std::string> ElfImage::load(const std::string& path)
{
    auto file = SharedBytes::read(path);
    if (!file) {
        return std::unexpected(file.error());
    }
    auto image = parse(*std::move(file));
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
