// SPDX-License-Identifier: GPL-2.0-or-later
#include "machine/multiboot2_loader.h"

#include "arch/elf.h"
#include "arch/multiboot2.h"
#include "machine/acpi_tables.h"
#include "machine/bios_data.h"
#include "machine/boot_memory.h"
#include "machine/elf_records.h"
#include "machine/multiboot2_header.h"
#include "machine/multiboot_image.h"

#include <fmt/format.h>

#include <cstring>

namespace ringcheck {
namespace {

namespace multiboot = arch::multiboot2;
namespace elf = arch::elf;
using arch::PhysAddr;
using Bytes = std::span<const std::byte>;
using Result = std::expected<void, std::string>;

constexpr std::uint32_t kTold[] = {multiboot::kTagCommandLine, multiboot::kTagLoaderName, multiboot::kTagModule,
                                   multiboot::kTagBasicMemory, multiboot::kTagMemoryMap,  multiboot::kTagElfSections,
                                   multiboot::kTagAcpiOld,     multiboot::kTagAcpiNew};

/// Multiboot's addresses are 32 bits; RAM ends at 1 GiB.
std::uint32_t low_half(std::uint64_t value)
{
    return static_cast<std::uint32_t>(value);
}

/// The information, as it grows.
class Information {
public:
    Information() { append(Bytes(std::as_bytes(std::span(&header_, 1)))); }

    /// A tag of fixed fields, whose `tag.size` is filled in here, and what follows it.
    template <typename Structure> void add(Structure fixed, Bytes rest = {})
    {
        fixed.tag.size = static_cast<std::uint32_t>(sizeof fixed + rest.size());
        append(std::as_bytes(std::span(&fixed, 1)));
        append(rest);
        bytes_.resize((bytes_.size() + multiboot::kAlignment - 1) & ~std::size_t{multiboot::kAlignment - 1});
    }
    template <typename Structure> void add_with_text(const Structure& fixed, const std::string& text)
    {
        add(fixed, std::as_bytes(std::span(text.c_str(), text.size() + 1)));
    }
    /// All of it.
    Bytes finish()
    {
        add(PlainTag{{multiboot::kTagEnd, 0}});
        header_.total_size = static_cast<std::uint32_t>(bytes_.size());
        std::memcpy(bytes_.data(), &header_, sizeof header_);
        return bytes_;
    }

    struct PlainTag {
        multiboot::Tag tag;
    };

private:
    void append(Bytes bytes) { bytes_.insert(bytes_.end(), bytes.begin(), bytes.end()); }

    multiboot::InformationHeader header_{};
    std::vector<std::byte> bytes_;
};

Result add_modules(Information& information, BootMemory& memory, const std::vector<BootModule>& modules)
{
    for (const BootModule& module : modules) {
        const auto at = memory.place_low_in_high_memory(module.bytes, "a module");
        if (!at) {
            return std::unexpected(at.error());
        }
        const multiboot::ModuleTag tag{
            {multiboot::kTagModule, 0}, low_half(at->value), low_half(at->value + module.bytes.size())};
        information.add_with_text(tag, module.text);
    }
    return {};
}

/// Loads every section that has contents and no address, as GRUB does, and tells where.
Result add_sections(Information& information, BootMemory& memory, const ElfImage& kernel)
{
    const auto records = ElfRecords::open(kernel.file(), false);
    if (!records) {
        return std::unexpected(records.error());
    }
    constexpr std::uint32_t kSectionNull = 0, kSectionNoBits = 8;
    std::vector<elf::SectionHeader> table;
    for (unsigned index = 0; index < records->header().section_header_count; ++index) {
        elf::SectionHeader section = records->section_header(index);
        const bool has_contents = section.type != kSectionNull && section.type != kSectionNoBits && section.size != 0;
        if (section.address == 0 && has_contents) {
            if (section.offset > kernel.file().size() || section.size > kernel.file().size() - section.offset) {
                return std::unexpected(fmt::format("truncated: section {} ends at {:#x}, the file has {:#x} bytes",
                                                   index, section.offset + section.size, kernel.file().size()));
            }
            const auto at = memory.place_at_top(kernel.file().subspan(section.offset, section.size),
                                                fmt::format("section {}", index));
            if (!at) {
                return std::unexpected(at.error());
            }
            section.address = at->value;
        }
        table.push_back(section);
    }
    if (!table.empty()) {
        const multiboot::ElfSectionsTag tag{{multiboot::kTagElfSections, 0},
                                            static_cast<std::uint32_t>(table.size()),
                                            sizeof(elf::SectionHeader),
                                            records->header().section_name_index};
        information.add(tag, std::as_bytes(std::span(table)));
    }
    return {};
}

void add_memory(Information& information, std::uint64_t ram_bytes)
{
    const std::uint64_t high = ram_bytes - BootMemory::kHighMemory;
    information.add(multiboot::BasicMemoryTag{
        {multiboot::kTagBasicMemory, 0}, low_half(BootMemory::kLowMemoryEnd >> 10), low_half(high >> 10)});
    const multiboot::MemoryMapEntry map[] = {{0, BootMemory::kLowMemoryEnd, multiboot::kMemoryUsable, 0},
                                             {BootMemory::kHighMemory, high, multiboot::kMemoryUsable, 0}};
    information.add(multiboot::MemoryMapTag{{multiboot::kTagMemoryMap, 0}, sizeof(multiboot::MemoryMapEntry), 0},
                    std::as_bytes(std::span(map)));
}

} // namespace

std::expected<model::CpuState, std::string> load_multiboot2_image(model::PhysicalMemory ram, const ElfImage& kernel,
                                                                  const BootRequest& request)
{
    const auto header = find_multiboot2_header(kernel.file());
    if (!header) {
        return std::unexpected(header.error().text);
    }
    const auto demands = read_multiboot2_demands(*header, kTold);
    if (!demands) {
        return std::unexpected(demands.error());
    }
    BootMemory memory(ram);
    const auto entry = place_multiboot_image(memory, kernel, header->offset, demands->addresses, demands->entry);
    if (!entry) {
        return std::unexpected(entry.error());
    }

    Information information;
    information.add_with_text(Information::PlainTag{{multiboot::kTagCommandLine, 0}}, request.command_line);
    information.add_with_text(Information::PlainTag{{multiboot::kTagLoaderName, 0}}, kLoaderName);
    if (auto added = add_modules(information, memory, request.modules); !added) {
        return std::unexpected(added.error());
    }
    add_memory(information, memory.size_bytes());
    if (!kernel.is_32_bit()) {
        if (auto added = add_sections(information, memory, kernel); !added) {
            return std::unexpected(added.error());
        }
    }
    place_bios_data(memory);
    if (const auto acpi = place_acpi_tables(memory)) {
        const std::span<const std::byte> root = std::as_bytes(std::span(&acpi->contents, 1));
        information.add(Information::PlainTag{{multiboot::kTagAcpiOld, 0}},
                        root.first(arch::acpi::kOldRootPointerBytes));
        information.add(Information::PlainTag{{multiboot::kTagAcpiNew, 0}}, root);
    }
    const auto at = memory.place_low(information.finish());
    if (!at) {
        return std::unexpected(at.error());
    }
    model::CpuState state = flat_32_bit_state(*entry);
    state[model::Gpr::Rax] = multiboot::kBootMagic;
    state[model::Gpr::Rbx] = at->value;
    return state;
}

} // namespace ringcheck
