// SPDX-License-Identifier: GPL-2.0-or-later
#include "machine/pvh_loader.h"

#include "arch/pvh.h"
#include "machine/acpi_tables.h"
#include "machine/bios_data.h"
#include "machine/boot_memory.h"

namespace ringcheck {
namespace {

namespace pvh = arch::pvh;
using arch::PhysAddr;

std::expected<std::vector<pvh::Module>, std::string> place_modules(BootMemory& memory,
                                                                   const std::vector<BootModule>& modules)
{
    std::vector<pvh::Module> table;
    for (const BootModule& module : modules) {
        const auto at = memory.place_at_top(module.bytes, table.empty() ? "an initrd" : "a module");
        if (!at) {
            return std::unexpected(at.error());
        }
        table.push_back({at->value, module.bytes.size(), 0, 0});
        if (module.text.empty()) {
            continue;
        }
        const auto text = memory.place_low(module.text);
        if (!text) {
            return std::unexpected(text.error());
        }
        table.back().command_line = text->value;
    }
    return table;
}

} // namespace

std::expected<model::CpuState, std::string> load_pvh_image(model::PhysicalMemory ram, const ElfImage& kernel,
                                                           const BootRequest& request)
{
    if (!kernel.pvh_entry()) {
        return std::unexpected("no PVH note (Xen, type 18): ringcheck does not know where the 32-bit entry is");
    }
    BootMemory memory(ram);
    if (auto placed = memory.place_segments(kernel); !placed) {
        return std::unexpected(placed.error());
    }
    place_bios_data(memory);
    const auto acpi = place_acpi_tables(memory);
    const auto start = memory.reserve_low(sizeof(pvh::StartInfo));
    const auto modules = place_modules(memory, request.modules);
    if (!start || !modules) {
        return std::unexpected(!start ? start.error() : modules.error());
    }
    const pvh::MemoryRange map[] = {
        {0, BootMemory::kLowMemoryEnd, pvh::kMemoryUsable, 0},
        {BootMemory::kHighMemory, memory.size_bytes() - BootMemory::kHighMemory, pvh::kMemoryUsable, 0}};
    const auto table = memory.place_low(std::as_bytes(std::span(*modules)));
    const auto map_at = memory.place_low(std::as_bytes(std::span(map)));
    const auto command_line = memory.place_low(request.command_line);
    for (const auto* const place : {&table, &map_at, &command_line}) {
        if (!*place) {
            return std::unexpected(place->error());
        }
    }
    pvh::StartInfo info{};
    info.magic = pvh::kStartMagic;
    info.version = 1;
    info.module_count = static_cast<std::uint32_t>(modules->size());
    info.modules = modules->empty() ? 0 : table->value;
    info.command_line = command_line->value;
    info.acpi_rsdp = acpi ? acpi->root_pointer.value : 0;
    info.memory_map = map_at->value;
    info.memory_map_count = std::size(map);
    memory.write(*start, info);

    model::CpuState state = flat_32_bit_state(*kernel.pvh_entry());
    state[model::Gpr::Rbx] = start->value;
    return state;
}

} // namespace ringcheck
