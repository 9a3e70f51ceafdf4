// SPDX-License-Identifier: GPL-2.0-or-later
// Descriptors in the GDT and LDT, and the segment registers that hold them.  [SDM 3A "Segment Descriptors"]
#pragma once

#include "arch/segment.h"
#include "model/cpu_state.h"
#include "model/fault.h"
#include "model/physical_memory.h"

#include <cstdint>
#include <expected>
#include <optional>

namespace ringcheck::model {

/// The selector as an error code names it: without RPL.  [SDM 3A "Error Code"]
constexpr std::uint32_t selector_error(std::uint16_t selector)
{
    return selector & 0xfffcu;
}

constexpr bool is_null(std::uint16_t selector)
{
    return selector_error(selector) == 0;
}

constexpr unsigned rpl(std::uint16_t selector)
{
    return selector & 3u;
}

/// The 8-byte descriptor that `selector` names; nullopt when it lies beyond its table's limit, or in an LDT that is
/// not loaded.
/// @return  or #GP(0)/#PF when the table cannot be read
std::expected<std::optional<arch::SegmentDescriptor>, Fault>
read_descriptor(const CpuState& state, const PhysicalMemory& memory, std::uint16_t selector);

/// A 16-byte system descriptor.  [SDM 3A "TSS Descriptor in 64-bit mode", "IA-32e Mode Call Gates"]
struct SystemDescriptor {
    arch::SegmentDescriptor low;
    std::uint64_t high = 0;

    constexpr std::uint64_t base() const { return low.base() | arch::bits<31, 0>.get(high) << 32; }
    /// The type field that the upper half would have as a descriptor of its own: it must be zero.
    constexpr bool upper_type_clear() const { return arch::bits<44, 40>.get(high) == 0; }
    constexpr bool has_type(std::uint64_t type) const { return !low.code_or_data() && low.type() == type; }
};

/// The 16-byte descriptor that `selector` names; nullopt when any of it lies beyond its table's limit.
/// @return  or #GP(0)/#PF when the table cannot be read
std::expected<std::optional<SystemDescriptor>, Fault>
read_system_descriptor(const CpuState& state, const PhysicalMemory& memory, std::uint16_t selector);

/// Writes `word` back to the first eight bytes of the descriptor that `selector` names: the accessed or the busy bit.
/// @return  or #PF when the table cannot be written
std::expected<void, Fault> write_descriptor(const CpuState& state, const PhysicalMemory& memory, std::uint16_t selector,
                                            std::uint64_t word);

/// The segment register that holds a system descriptor.
SegmentRegister load_system_segment(std::uint16_t selector, const SystemDescriptor& descriptor);

/// The segment register after loading `descriptor`, whose accessed bit is set in the table when it is not yet.
/// @return  or #PF when the table cannot be written
std::expected<SegmentRegister, Fault> load_segment(const CpuState& state, const PhysicalMemory& memory,
                                                   std::uint16_t selector, arch::SegmentDescriptor descriptor);

/// The flat segments that SYSCALL and SYSRET load without looking at a table.  [SDM 2B SYSCALL, SYSRET "Operation"]
SegmentRegister flat_code(std::uint16_t selector, unsigned dpl, bool long_mode);
SegmentRegister flat_stack(std::uint16_t selector, unsigned dpl);

/// On a return to an outer ring, a data segment that the new ring may not use becomes null.  Base and limit stay.
/// [SDM 2A IRET/IRETD/IRETQ "Operation"; SDM 2B RET "Operation"]
void drop_segments_too_privileged_for(CpuState& state, unsigned new_cpl);

} // namespace ringcheck::model
