// SPDX-License-Identifier: GPL-2.0-or-later
// What IRET and far RET ask of the code and stack segments that they return to: the same rules, each under its
// instruction's own names.  [SDM 2A IRET/IRETD/IRETQ "Operation"; SDM 2B RET "Operation"]
#pragma once

#include "arch/segment.h"
#include "model/cpu_state.h"
#include "model/fault.h"
#include "model/physical_memory.h"
#include "model/vendor.h"

#include <cstdint>
#include <expected>
#include <optional>

namespace ringcheck::model {

/// How an instruction names the rules.
struct ReturnReasons {
    Reason cs_beyond_table, cs_not_code, cs_rpl_below_cpl, cs_conforming_dpl, cs_dpl, cs_long_and_big, cs_not_present;
    Reason ss_null_to_compatibility_mode, ss_null_to_ring_3, ss_null_rpl, ss_beyond_table, ss_rpl, ss_not_writable_data,
        ss_dpl, ss_not_present;
};

/// The code segment of a return; `selector` is not null.
std::expected<arch::SegmentDescriptor, Fault> check_return_code(const CpuState& state, const PhysicalMemory& memory,
                                                                std::uint16_t selector, const ReturnReasons& reasons);

/// The stack segment of a return to ring `rpl(cs)`; nullopt for a null SS that is allowed.
std::expected<std::optional<arch::SegmentDescriptor>, Fault>
check_return_stack(const CpuState& state, const PhysicalMemory& memory, std::uint16_t cs, bool to_64_bit,
                   std::uint16_t selector, Vendor vendor, const ReturnReasons& reasons);

/// SS after a return to `stack`, whose accessed bit is set.
std::expected<SegmentRegister, Fault> load_return_stack(const CpuState& state, const PhysicalMemory& memory,
                                                        std::uint16_t selector,
                                                        std::optional<arch::SegmentDescriptor> stack);

/// RSP after a return: as wide as the stack segment returned to; `old` gives the bits that it does not reach.
std::uint64_t returned_stack_pointer(std::uint64_t old, std::uint64_t popped, const SegmentRegister& stack,
                                     bool to_64_bit);

} // namespace ringcheck::model
