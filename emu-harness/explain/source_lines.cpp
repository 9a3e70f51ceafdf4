// SPDX-License-Identifier: GPL-2.0-or-later
#include "explain/source_lines.h"

#include <algorithm>
#include <dwarf.h>
#include <elfutils/libdw.h>
#include <filesystem>
#include <ranges>

namespace ringcheck {
namespace {

struct EndElf {
    void operator()(Elf* elf) const { elf_end(elf); }
};
struct EndDwarf {
    void operator()(Dwarf* dwarf) const { dwarf_end(dwarf); }
};

/// `file` without the folders that it shares with the folder of the compilation, unless that is the root alone.
std::string shortened(const std::string& written, const std::string& compilation)
{
    const std::string file = std::filesystem::path(written).lexically_normal().string();
    const std::string folder = compilation + "/";
    const auto split = std::ranges::mismatch(file, folder).in1;
    const auto slash = std::find(std::make_reverse_iterator(split), file.rend(), '/').base();
    return slash - file.begin() <= 1 ? file : std::string(slash, file.end());
}

std::string text_attribute(Dwarf_Die& die, unsigned name)
{
    Dwarf_Attribute attribute;
    const char* const text = dwarf_formstring(dwarf_attr_integrate(&die, name, &attribute));
    return text == nullptr ? "" : text;
}

std::uint64_t number_attribute(Dwarf_Die& die, unsigned name)
{
    Dwarf_Attribute attribute;
    Dwarf_Word value = 0;
    return dwarf_formudata(dwarf_attr(&die, name, &attribute), &value) == 0 ? value : 0;
}

bool is_function(Dwarf_Die& die)
{
    return dwarf_tag(&die) == DW_TAG_subprogram || dwarf_tag(&die) == DW_TAG_inlined_subroutine;
}

/// The function below `parent` that holds `address`, then what was inlined into it there, the innermost last.
bool find_functions(Dwarf_Die& parent, std::uint64_t address, std::vector<Dwarf_Die>& functions)
{
    Dwarf_Die child;
    for (int end = dwarf_child(&parent, &child); end == 0; end = dwarf_siblingof(&child, &child)) {
        if (dwarf_tag(&child) == DW_TAG_namespace) { // has no addresses of its own
            if (find_functions(child, address, functions)) {
                return true;
            }
        } else if (dwarf_haspc(&child, address) > 0) {
            if (is_function(child)) {
                functions.push_back(child);
            }
            find_functions(child, address, functions);
            return true;
        }
    }
    return false;
}

} // namespace

struct DwarfFile::Handles {
    std::unique_ptr<Elf, EndElf> elf;
    std::unique_ptr<Dwarf, EndDwarf> dwarf;

    Dwarf_Die last{};
    bool has_last = false;

    /// The compilation unit that `address` belongs to.  All are searched, the last one found first: compilers leave
    /// .debug_aranges out.
    bool find_unit(std::uint64_t address, Dwarf_Die& unit)
    {
        if (has_last && dwarf_haspc(&last, address) > 0) {
            unit = last;
            return true;
        }
        Dwarf_CU* cu = nullptr;
        while (dwarf != nullptr && dwarf_get_units(dwarf.get(), cu, &cu, nullptr, nullptr, &unit, nullptr) == 0) {
            if (dwarf_haspc(&unit, address) > 0) {
                last = unit;
                has_last = true;
                return true;
            }
        }
        return false;
    }

    /// File and line at `address`, in `unit`, which it finds.
    std::optional<SourceFrame> line(std::uint64_t address, Dwarf_Die& unit)
    {
        if (!find_unit(address, unit)) {
            return std::nullopt;
        }
        Dwarf_Line* const found = dwarf_getsrc_die(&unit, address);
        const char* const file = found == nullptr ? nullptr : dwarf_linesrc(found, nullptr, nullptr);
        if (file == nullptr) {
            return std::nullopt;
        }
        SourceFrame frame{"", shortened(file, text_attribute(unit, DW_AT_comp_dir)), 0};
        dwarf_lineno(found, &frame.line);
        return frame;
    }
};

DwarfFile::DwarfFile(std::span<const std::byte> elf) : elf_(elf) {}
DwarfFile::~DwarfFile() = default;

void DwarfFile::open()
{
    if (handles_ == nullptr) {
        elf_version(EV_CURRENT);
        handles_ = std::make_unique<Handles>();
        // libelf takes a pointer to non-const, and reads through it only.
        char* const bytes = reinterpret_cast<char*>(const_cast<std::byte*>(elf_.data()));
        handles_->elf.reset(elf_memory(bytes, elf_.size()));
        handles_->dwarf.reset(handles_->elf ? dwarf_begin_elf(handles_->elf.get(), DWARF_C_READ, nullptr) : nullptr);
    }
}

std::optional<SourceFrame> DwarfFile::line_at(std::uint64_t address)
{
    open();
    Dwarf_Die unit;
    return handles_->line(address, unit);
}

std::vector<SourceFrame> DwarfFile::at(std::uint64_t address)
{
    open();
    Dwarf_Die unit;
    const auto line = handles_->line(address, unit);
    if (!line) {
        return {};
    }
    SourceFrame frame = *line;
    const std::string folder = text_attribute(unit, DW_AT_comp_dir);

    std::vector<Dwarf_Die> functions;
    find_functions(unit, address, functions);
    Dwarf_Files* files = nullptr;
    std::size_t file_count = 0;
    dwarf_getsrcfiles(&unit, &files, &file_count);
    std::vector<SourceFrame> frames;
    for (Dwarf_Die& function : std::views::reverse(functions)) {
        frame.function = text_attribute(function, DW_AT_name);
        frames.push_back(frame);
        const char* const caller = dwarf_filesrc(files, number_attribute(function, DW_AT_call_file), nullptr, nullptr);
        frame = {"", caller == nullptr ? "" : shortened(caller, folder),
                 static_cast<int>(number_attribute(function, DW_AT_call_line))};
    }
    if (frames.empty()) {
        frames.push_back(frame);
    }
    return frames;
}

DwarfFile* SourceLines::file_of(unsigned cpl, const std::string& program) const
{
    // A kernel may hold its only program, which then has no name.
    const std::string name = cpl == 3 ? program : "";
    std::unique_ptr<DwarfFile>& file = files_[name];
    if (file == nullptr) {
        const auto* const in_initrd = initrd_ == nullptr || name.empty() ? nullptr : initrd_->find(name);
        if (in_initrd != nullptr) {
            file = std::make_unique<DwarfFile>(std::span<const std::byte>(*in_initrd));
        } else if (name.empty() && kernel_ != nullptr) {
            file = std::make_unique<DwarfFile>(kernel_->file());
        }
    }
    return file.get();
}

std::optional<std::uint64_t> SourceLines::in_file(std::uint64_t address, unsigned cpl, const Program& program) const
{
    if (cpl == 3) {
        return address - program.base;
    }
    return guest_ == nullptr ? address : guest_->linked(address);
}

std::vector<SourceFrame> SourceLines::at(std::uint64_t address, unsigned cpl, const Program& program) const
{
    DwarfFile* const file = file_of(cpl, program.name);
    const auto linked = in_file(address, cpl, program);
    return file == nullptr || !linked ? std::vector<SourceFrame>{} : file->at(*linked);
}

std::optional<SourceFrame> SourceLines::line_at(std::uint64_t address, unsigned cpl, const Program& program) const
{
    DwarfFile* const file = file_of(cpl, program.name);
    const auto linked = in_file(address, cpl, program);
    return file == nullptr || !linked ? std::nullopt : file->line_at(*linked);
}

} // namespace ringcheck
