// SPDX-License-Identifier: GPL-2.0-or-later
#include "explain/circumstances.h"

#include "arch/control_registers.h"
#include "model/descriptor_table.h"

#include <fmt/format.h>

namespace ringcheck {
namespace {

using model::AccessKind;
using model::CpuState;

/// Translates for whoever asks: what the rights are does not matter, and CR4.SMAP neither.
std::optional<model::Translation> translate(const CpuState& state, const model::PhysicalMemory& memory,
                                            std::uint64_t address)
{
    CpuState looking = state;
    looking.cr4 &= ~arch::cr4::kSmap;
    const auto page = walk(looking, memory, address, {AccessKind::Read, false, false});
    return page ? std::optional(*page) : std::nullopt;
}

std::string with_name(std::uint64_t address, const std::string& name)
{
    const std::string number = fmt::format("{:#x}", address);
    return name == number ? number : fmt::format("{} ({})", number, name);
}

} // namespace

bool is_mapped(const Circumstances& at, std::uint64_t address)
{
    return translate(at.state, at.memory, address).has_value();
}

bool is_kernel_address(const Circumstances& at, std::uint64_t address)
{
    if (upper_half(address)) {
        return true;
    }
    const auto page = translate(at.state, at.memory, address);
    return page ? !page->user : at.symbols.in_kernel_image(address);
}

std::string code_address(const Circumstances& at, std::uint64_t address, unsigned cpl)
{
    return with_name(address, at.symbols.code(address, cpl, at.program));
}

std::string data_address(const Circumstances& at, std::uint64_t address)
{
    return with_name(address, at.symbols.stack(address, at.program));
}

std::optional<std::uint16_t> find_descriptor(const Circumstances& at,
                                             const std::function<bool(arch::SegmentDescriptor)>& fits)
{
    constexpr unsigned kStep = sizeof(arch::SegmentDescriptor);
    for (unsigned offset = kStep; offset + kStep - 1 <= at.state.gdtr.limit; offset += kStep) {
        const auto held = model::read_descriptor(at.state, at.memory, static_cast<std::uint16_t>(offset));
        if (!held || !*held) {
            return std::nullopt;
        }
        if (fits(**held)) {
            return static_cast<std::uint16_t>(offset);
        }
    }
    return std::nullopt;
}

arch::SegmentDescriptor descriptor_in_memory(const Circumstances& at, std::uint64_t selector)
{
    const auto page = translate(at.state, at.memory, at.state.gdtr.base + (selector & 0xfff8));
    const auto word = page ? at.memory.read_u64(page->address) : std::nullopt;
    return arch::SegmentDescriptor{word.value_or(0)};
}

std::optional<std::uint64_t> other_tables_with(const Circumstances& at, std::uint64_t address, AccessKind kind)
{
    // What every address space of a kernel has: its IDT.
    const auto idt = translate(at.state, at.memory, at.state.idtr.base);
    const auto entry = [&](std::uint64_t table, std::uint64_t of) {
        const arch::PhysAddr place{table + sizeof(std::uint64_t) * arch::table_index(of, arch::kTopLevel)};
        return arch::PageEntry{at.memory.read_u64(place).value_or(0)};
    };
    if (!idt) {
        return std::nullopt;
    }
    for (std::uint64_t table = 0; table + arch::kPageSize <= at.memory.size_bytes(); table += arch::kPageSize) {
        if (!entry(table, address).has(arch::PageEntry::kUser) ||
            !entry(table, at.state.idtr.base).has(arch::PageEntry::kPresent) ||
            table == (at.state.cr3 & arch::cr3::kTable.mask())) {
            continue;
        }
        CpuState other = at.state;
        other.cr3 = table;
        const auto there = translate(other, at.memory, at.state.idtr.base);
        if (there && there->address.value == idt->address.value &&
            walk(other, at.memory, address, {kind, true, false})) {
            return table;
        }
    }
    return std::nullopt;
}

std::optional<std::uint64_t> tables_that_contain_cr3(const Circumstances& at)
{
    const std::uint64_t inner = at.state.cr3 & arch::cr3::kTable.mask();
    for (std::uint64_t table = 0; table + arch::kPageSize <= at.memory.size_bytes(); table += arch::kPageSize) {
        bool points = false;
        for (std::uint64_t place = table; !points && place != table + arch::kPageSize; place += sizeof(std::uint64_t)) {
            const arch::PageEntry entry{at.memory.read_u64(arch::PhysAddr{place}).value_or(0)};
            points = entry.has(arch::PageEntry::kPresent) && entry.frame().value == inner;
        }
        CpuState other = at.state;
        other.cr3 = table;
        if (points && table != inner && translate(other, at.memory, at.state.rip)) {
            return table;
        }
    }
    return std::nullopt;
}

std::optional<std::uint64_t> physical_address(const Circumstances& at, std::uint64_t address)
{
    const auto page = translate(at.state, at.memory, address);
    return page ? std::optional(page->address.value) : std::nullopt;
}

std::uint64_t mapped_bytes_above(const Circumstances& at, std::uint64_t address)
{
    constexpr std::uint64_t kMost = 64u << 10;
    std::uint64_t bytes = 0;
    while (bytes < kMost && is_mapped(at, address + bytes)) {
        bytes += arch::kPageSize - (address + bytes) % arch::kPageSize;
    }
    return bytes;
}

} // namespace ringcheck
