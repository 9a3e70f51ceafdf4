// SPDX-License-Identifier: GPL-2.0-or-later
#include "machine/multiboot1_loader.h"

#include "arch/multiboot1.h"
#include "machine/acpi_tables.h"
#include "machine/bios_data.h"
#include "machine/boot_memory.h"
#include "machine/multiboot1_header.h"
#include "machine/multiboot_image.h"

#include <fmt/format.h>

namespace ringcheck {
namespace {

namespace multiboot = arch::multiboot1;
using arch::PhysAddr;

/// Multiboot's addresses are 32 bits; RAM ends at 1 GiB.
std::uint32_t low_half(std::uint64_t value)
{
    return static_cast<std::uint32_t>(value);
}

multiboot::MemoryMapEntry usable(std::uint64_t begin, std::uint64_t end)
{
    const std::uint64_t length = end - begin;
    return {sizeof(multiboot::MemoryMapEntry) - sizeof(std::uint32_t),
            low_half(begin),
            low_half(begin >> 32),
            low_half(length),
            low_half(length >> 32),
            multiboot::kMemoryUsable};
}

std::expected<std::vector<multiboot::Module>, std::string> place_modules(BootMemory& memory,
                                                                         const std::vector<BootModule>& modules)
{
    std::vector<multiboot::Module> table;
    for (const BootModule& module : modules) {
        const auto at = memory.place_low_in_high_memory(module.bytes, "a module");
        if (!at) {
            return std::unexpected(at.error());
        }
        const auto text = memory.place_low(module.text);
        if (!text) {
            return std::unexpected(text.error());
        }
        table.push_back({low_half(at->value), low_half(at->value + module.bytes.size()), low_half(text->value), 0});
    }
    return table;
}

/// @return  the physical address of the information
std::expected<PhysAddr, std::string> place_information(BootMemory& memory, const BootRequest& request)
{
    const auto information = memory.reserve_low(sizeof(multiboot::Information));
    const auto table = place_modules(memory, request.modules);
    if (!information || !table) {
        return std::unexpected(!information ? information.error() : table.error());
    }
    const multiboot::MemoryMapEntry map[] = {usable(0, BootMemory::kLowMemoryEnd),
                                             usable(BootMemory::kHighMemory, memory.size_bytes())};
    const auto modules = memory.place_low(std::as_bytes(std::span(*table)));
    const auto map_at = memory.place_low(std::as_bytes(std::span(map)));
    const auto command_line = memory.place_low(request.command_line);
    const auto name = memory.place_low(std::string(kLoaderName));
    for (const auto* const place : {&modules, &map_at, &command_line, &name}) {
        if (!*place) {
            return std::unexpected(place->error());
        }
    }
    multiboot::Information content{};
    content.flags = multiboot::kInfoMemory | multiboot::kInfoCommandLine | multiboot::kInfoModules |
                    multiboot::kInfoMemoryMap | multiboot::kInfoLoaderName;
    content.memory_lower_kib = low_half(BootMemory::kLowMemoryEnd >> 10);
    content.memory_upper_kib = low_half((memory.size_bytes() - BootMemory::kHighMemory) >> 10);
    content.command_line = low_half(command_line->value);
    content.module_count = low_half(table->size());
    content.modules = low_half(modules->value);
    content.memory_map_size = sizeof map;
    content.memory_map = low_half(map_at->value);
    content.loader_name = low_half(name->value);
    memory.write(*information, content);
    return *information;
}

} // namespace

std::expected<model::CpuState, std::string> load_multiboot1_image(model::PhysicalMemory ram, const ElfImage& kernel,
                                                                  const BootRequest& request)
{
    const auto header = find_multiboot1_header(kernel.file());
    if (!header) {
        return std::unexpected(header.error().text);
    }
    constexpr std::uint32_t kKnown = multiboot::kAlignModules | multiboot::kWantsMemory | multiboot::kWantsVideo;
    if (const std::uint32_t unknown = header->flags & multiboot::kDemands & ~kKnown; unknown != 0) {
        return std::unexpected(fmt::format("the Multiboot1 header demands unknown features (flags {:#x})", unknown));
    }
    BootMemory memory(ram);
    const std::optional<std::uint64_t> named =
        header->addresses ? std::optional<std::uint64_t>(header->entry) : std::nullopt;
    const auto entry = place_multiboot_image(memory, kernel, header->offset, header->addresses, named);
    if (!entry) {
        return std::unexpected(entry.error());
    }
    place_bios_data(memory);
    place_acpi_tables(memory); // Multiboot says nothing about them: the kernel looks for them where a BIOS has them
    const auto information = place_information(memory, request);
    if (!information) {
        return std::unexpected(information.error());
    }
    model::CpuState state = flat_32_bit_state(*entry);
    state[model::Gpr::Rax] = multiboot::kBootMagic;
    state[model::Gpr::Rbx] = information->value;
    return state;
}

} // namespace ringcheck
