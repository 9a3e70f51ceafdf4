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

/// The segment register after loading `descriptor`, whose accessed bit is set in the table when it is not yet.
/// @return  or #PF when the table cannot be written
std::expected<SegmentRegister, Fault> load_segment(const CpuState& state, const PhysicalMemory& memory,
                                                   std::uint16_t selector, arch::SegmentDescriptor descriptor);

/// The flat segments that SYSCALL and SYSRET load without looking at a table.  [SDM 2B SYSCALL, SYSRET "Operation"]
SegmentRegister flat_code(std::uint16_t selector, unsigned dpl, bool long_mode);
SegmentRegister flat_stack(std::uint16_t selector, unsigned dpl);

} // namespace ringcheck::model
