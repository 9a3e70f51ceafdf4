// SPDX-License-Identifier: GPL-2.0-or-later
// Descriptors, gates, selectors and TSS slots bit by bit.
// [SDM 3A "Segment Descriptors", "64-Bit Mode IDT", "Task Management in 64-bit Mode"]
#include "arch/control_registers.h"
#include "arch/idt_gate.h"
#include "arch/tss.h"
#include "explain/exhibit.h"

#include <fmt/format.h>

#include <cstddef>

namespace ringcheck {
namespace {

using arch::IdtGate;
using arch::SegmentDescriptor;
using model::CpuState;
using model::PhysicalMemory;

std::string beyond(const char* table, std::uint64_t limit)
{
    return fmt::format("beyond the {}'s limit {:#x}", table, limit);
}

std::string unreadable(const char* what)
{
    return fmt::format("the {} is not mapped there", what);
}

} // namespace

std::string describe_type(SegmentDescriptor descriptor)
{
    if (descriptor.raw() == 0) {
        return "empty";
    }
    if (!descriptor.code_or_data()) {
        switch (descriptor.type()) {
        case SegmentDescriptor::kTypeLdt: return "LDT";
        case SegmentDescriptor::kTypeTssAvailable: return "available TSS";
        case SegmentDescriptor::kTypeTssBusy: return "busy TSS";
        case SegmentDescriptor::kTypeCallGate: return "call gate";
        default: return "system descriptor";
        }
    }
    if (!descriptor.is_code()) {
        return descriptor.writable_data() ? "writable data" : "read-only data";
    }
    return fmt::format("{}{} code", descriptor.conforming() ? "conforming " : "",
                       descriptor.long_code()      ? "64-bit"
                       : descriptor.default_size() ? "32-bit"
                                                   : "16-bit");
}

Exhibit descriptor(const CpuState& state, const PhysicalMemory& memory, std::uint16_t selector)
{
    const bool local = (selector & arch::selector::kLocalTable) != 0;
    const char* const table = local ? "LDT" : "GDT";
    const std::uint64_t base = local ? state.ldtr.base : state.gdtr.base;
    const std::uint64_t limit = local ? state.ldtr.limit : state.gdtr.limit;
    const std::uint64_t offset = selector & ~7u;
    Exhibit shown{fmt::format("{}[{:#x}]", table, offset), fmt::format("{:#x}", base + offset), "", {}};
    if (offset + sizeof(SegmentDescriptor) - 1 > limit || (local && !state.ldtr.present())) {
        shown.fields.push_back({"", beyond(table, local && !state.ldtr.present() ? 0 : limit), true});
        return shown;
    }
    const auto place = locate(state, memory, base + offset);
    if (!place) {
        shown.fields.push_back({"", unreadable(table), true});
        return shown;
    }
    const SegmentDescriptor held{*memory.read_u64(*place)};
    const std::uint64_t word = held.raw();
    shown.raw = fmt::format("{:#018x}", word);
    shown.fields.push_back({"", describe_type(held)});
    shown.fields.push_back(flag("P", SegmentDescriptor::kPresent, word, *place));
    shown.fields.push_back(field("DPL", SegmentDescriptor::kDpl, word, *place));
    shown.fields.push_back(flag("S", SegmentDescriptor::kCodeOrData, word, *place));
    shown.fields.push_back(field("type", SegmentDescriptor::kType, word, *place));
    if (held.code_or_data()) {
        shown.fields.back().variation = Variation::SegmentType;
    }
    shown.fields.push_back(flag("L", SegmentDescriptor::kLong, word, *place));
    shown.fields.push_back(flag("D", SegmentDescriptor::kDefaultSize, word, *place));
    return shown;
}

Exhibit idt_gate(const CpuState& state, const PhysicalMemory& memory, unsigned vector)
{
    constexpr std::uint64_t kLegacyGate = 8;
    const bool long_mode = (state.efer & arch::efer::kLongModeActive) != 0;
    const std::uint64_t offset = (long_mode ? sizeof(IdtGate) : kLegacyGate) * vector;
    const std::uint64_t address = state.idtr.base + offset;
    Exhibit shown{fmt::format("IDT[{}]", vector), fmt::format("{:#x}", address), "", {}};
    if (offset + (long_mode ? sizeof(IdtGate) : kLegacyGate) - 1 > state.idtr.limit) {
        shown.fields.push_back({"", beyond("IDT", state.idtr.limit), true});
        return shown;
    }
    if (!long_mode) {
        return shown; // which the model does not look into
    }
    const auto low = locate(state, memory, address);
    const auto high = locate(state, memory, address + sizeof(std::uint64_t));
    if (!low || !high) {
        shown.fields.push_back({"", unreadable("IDT"), true});
        return shown;
    }
    const IdtGate gate{*memory.read_u64(*low), *memory.read_u64(*high)};
    shown.raw = fmt::format("{:#018x} {:#018x}", gate.low, gate.high);
    const char* const type = gate.type() == IdtGate::kTypeInterrupt ? "interrupt gate"
                             : gate.type() == IdtGate::kTypeTrap    ? "trap gate"
                             : gate.low == 0 && gate.high == 0      ? "empty"
                                                                    : "no 64-bit gate";
    shown.fields.push_back({"", type});
    shown.fields.push_back(flag("P", IdtGate::kPresent, gate.low, *low));
    shown.fields.push_back(field("DPL", IdtGate::kDpl, gate.low, *low));
    Field kind = field("type", IdtGate::kType, gate.low, *low);
    kind.variation = Variation::Values;
    shown.fields.push_back(kind);
    shown.fields.push_back(field("IST", IdtGate::kIst, gate.low, *low));
    Field code = field("selector", IdtGate::kSelector, gate.low, *low);
    code.value = fmt::format("{:#x}", gate.selector());
    shown.fields.push_back(code);
    Field handler = address_field("handler", gate.handler(), *high);
    handler.bits = {31, 0};
    shown.fields.push_back(handler);
    return shown;
}

Exhibit selector(const char* name, std::uint16_t value, Place place)
{
    Exhibit shown{name, "", fmt::format("{:#06x}", value), {}};
    if (const auto* const address = std::get_if<arch::PhysAddr>(&place)) {
        shown.where = fmt::format("{:#x}", address->value);
    }
    shown.fields.push_back({"index", fmt::format("{:#x}", arch::selector::kIndex.get(value))});
    shown.fields.push_back({"table", (value & arch::selector::kLocalTable) != 0 ? "LDT" : "GDT"});
    shown.fields.push_back(field("RPL", arch::selector::kRpl, value, place));
    return shown;
}

Exhibit tss_stack(const CpuState& state, const PhysicalMemory& memory, unsigned ist, unsigned ring)
{
    constexpr std::uint64_t kSlot = sizeof(std::uint64_t);
    const std::uint64_t offset =
        ist != 0 ? offsetof(arch::Tss, ist) + kSlot * (ist - 1) : offsetof(arch::Tss, rsp) + kSlot * ring;
    const std::uint64_t address = state.tr.base + offset;
    Exhibit shown{ist != 0 ? fmt::format("TSS.IST{}", ist) : fmt::format("TSS.RSP{}", ring),
                  fmt::format("{:#x}", address),
                  "",
                  {}};
    if (offset + kSlot - 1 > state.tr.limit) {
        shown.fields.push_back({"", beyond("TSS", state.tr.limit), true});
        return shown;
    }
    const auto place = locate(state, memory, address);
    if (!place) {
        shown.fields.push_back({"", unreadable("TSS"), true});
        return shown;
    }
    if (arch::VirtAddr{address}.page_offset() + kSlot > arch::kPageSize) {
        return shown; // slots are not aligned: one in two pages is no word of RAM
    }
    const std::uint64_t word = *memory.read_u64(*place);
    shown.raw = fmt::format("{:#018x}", word);
    shown.fields.push_back(address_field("stack", word, *place));
    return shown;
}

} // namespace ringcheck
