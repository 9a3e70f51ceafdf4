// SPDX-License-Identifier: GPL-2.0-or-later
// The words that the CPU looked at, field by field: descriptors, gates, paging entries, TSS slots, control registers.
// A field knows where its bits live, so that the explainer can ask what another value would have changed.
#pragma once

#include "arch/address.h"
#include "arch/bits.h"
#include "arch/segment.h"
#include "model/cpu_state.h"
#include "model/page_walk.h"
#include "model/physical_memory.h"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace ringcheck {

/// A 64-bit word of the machine: none, in RAM, a general register, another register.
using Place = std::variant<std::monostate, arch::PhysAddr, model::Gpr, std::uint64_t model::CpuState::*>;

enum class Variation : std::uint8_t {
    None,        ///< the field is shown, and stays
    Values,      ///< every other value of the field is tried: at most four bits
    SegmentType, ///< of code and data: one bit is tried, and never one that makes code conforming
    UpperBits    ///< an address: each of the bits that decide whether it is canonical
};

struct Field {
    std::string name;       ///< the manual's: "P", "DPL", "RPL"
    std::string value;      ///< as it is shown
    bool decisive = false;  ///< the rule failed on it
    arch::Bits bits{63, 0}; ///< in the word at `place`
    Place place = std::monostate{};
    Variation variation = Variation::None;

    bool operator==(const Field& other) const
    {
        return name == other.name && value == other.value && decisive == other.decisive;
    }
};

struct Exhibit {
    std::string name;  ///< "PT[60]", "IDT gate 14", "GDT[0x23]", "CR0"
    std::string where; ///< "0x41e0": the address of a word in memory, else ""
    std::string raw;   ///< the whole word or words, in hexadecimal; "" when they could not be read
    std::vector<Field> fields;

    Field* find(const std::string& field);
    bool operator==(const Exhibit&) const = default;
};

/// A field of one word, shown as a number, of which every other value is tried when it has at most four bits.
Field field(const char* name, arch::Bits bits, std::uint64_t word, Place place);
/// One bit, likewise.
Field flag(const char* name, std::uint64_t mask, std::uint64_t word, Place place);
/// An address that has to be canonical.
Field address_field(const char* name, std::uint64_t address, Place place);

/// The physical place of a linear address as the CPU itself reads it, or none when it is not mapped.
std::optional<arch::PhysAddr> locate(const model::CpuState& state, const model::PhysicalMemory& memory,
                                     std::uint64_t address);

/// One paging entry.
Exhibit paging_entry(const model::WalkStep& step, std::uint64_t address, const model::CpuState& state);
/// A descriptor of the GDT or LDT with the words of its type; no fields when the selector lies beyond the table.
Exhibit descriptor(const model::CpuState& state, const model::PhysicalMemory& memory, std::uint16_t selector);
/// A gate of the IDT; no fields when the vector lies beyond it or it cannot be read.
Exhibit idt_gate(const model::CpuState& state, const model::PhysicalMemory& memory, unsigned vector);
/// A selector that stands in `place`: index, table, RPL.
Exhibit selector(const char* name, std::uint16_t value, Place place);
/// A stack pointer of the TSS.  @param ist  1..7, or 0 for RSP of `ring`
Exhibit tss_stack(const model::CpuState& state, const model::PhysicalMemory& memory, unsigned ist, unsigned ring);
/// A register with some of its bits by name.
Exhibit control_register(const char* name, std::uint64_t model::CpuState::* which, const model::CpuState& state,
                         std::vector<Field> fields);

/// "64-bit code, DPL 3" and the like.
std::string describe_type(arch::SegmentDescriptor descriptor);

} // namespace ringcheck
