// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/return_segments.h"

#include "model/descriptor_table.h"

namespace ringcheck::model {

namespace {

using arch::SegmentDescriptor;
using arch::Vector;

std::unexpected<Fault> refuse(Vector vector, Reason reason, std::uint32_t error_code = 0)
{
    return std::unexpected(raise(vector, reason, error_code));
}

} // namespace

std::expected<SegmentDescriptor, Fault> check_return_code(const CpuState& state, const PhysicalMemory& memory,
                                                          std::uint16_t selector, const ReturnReasons& reasons)
{
    const std::uint32_t error = selector_error(selector);
    const auto read = read_descriptor(state, memory, selector);
    if (!read) {
        return std::unexpected(read.error());
    }
    if (!*read) {
        return refuse(Vector::GeneralProtection, reasons.cs_beyond_table, error);
    }
    const SegmentDescriptor code = **read;
    if (!code.is_code()) {
        return refuse(Vector::GeneralProtection, reasons.cs_not_code, error);
    }
    if (rpl(selector) < state.cpl) {
        return refuse(Vector::GeneralProtection, reasons.cs_rpl_below_cpl, error);
    }
    if (code.conforming() && code.dpl() > rpl(selector)) {
        return refuse(Vector::GeneralProtection, reasons.cs_conforming_dpl, error);
    }
    if (!code.conforming() && code.dpl() != rpl(selector)) {
        return refuse(Vector::GeneralProtection, reasons.cs_dpl, error);
    }
    if (code.long_code() && code.default_size()) {
        return refuse(Vector::GeneralProtection, reasons.cs_long_and_big, error);
    }
    if (!code.present()) {
        return refuse(Vector::SegmentNotPresent, reasons.cs_not_present, error);
    }
    return code;
}

// The manual names the rules for a null SS of IRET before the code segment is read, but they need its L bit.
std::expected<std::optional<SegmentDescriptor>, Fault>
check_return_stack(const CpuState& state, const PhysicalMemory& memory, std::uint16_t cs, bool to_64_bit,
                   std::uint16_t selector, Vendor vendor, const ReturnReasons& reasons)
{
    if (is_null(selector)) {
        if (!to_64_bit) {
            return refuse(Vector::GeneralProtection, reasons.ss_null_to_compatibility_mode);
        }
        if (rpl(cs) == 3) {
            return refuse(Vector::GeneralProtection, reasons.ss_null_to_ring_3);
        }
        if (vendor == Vendor::Intel && rpl(selector) != rpl(cs)) {
            return refuse(Vector::GeneralProtection, reasons.ss_null_rpl);
        }
        return std::nullopt;
    }
    const std::uint32_t error = selector_error(selector);
    const auto read = read_descriptor(state, memory, selector);
    if (!read) {
        return std::unexpected(read.error());
    }
    if (!*read) {
        return refuse(Vector::GeneralProtection, reasons.ss_beyond_table, error);
    }
    const SegmentDescriptor stack = **read;
    if (rpl(selector) != rpl(cs)) {
        return refuse(Vector::GeneralProtection, reasons.ss_rpl, error);
    }
    if (!stack.writable_data()) {
        return refuse(Vector::GeneralProtection, reasons.ss_not_writable_data, error);
    }
    if (stack.dpl() != rpl(cs)) {
        return refuse(Vector::GeneralProtection, reasons.ss_dpl, error);
    }
    if (!stack.present()) {
        return refuse(Vector::StackFault, reasons.ss_not_present, error);
    }
    return stack;
}

std::expected<SegmentRegister, Fault> load_return_stack(const CpuState& state, const PhysicalMemory& memory,
                                                        std::uint16_t selector, std::optional<SegmentDescriptor> stack)
{
    if (!stack) {
        return SegmentRegister{.selector = selector};
    }
    return load_segment(state, memory, selector, *stack);
}

std::uint64_t returned_stack_pointer(std::uint64_t old, std::uint64_t popped, const SegmentRegister& stack,
                                     bool to_64_bit)
{
    if (to_64_bit) {
        return popped;
    }
    const SegmentDescriptor held{static_cast<std::uint64_t>(stack.attributes) << 32};
    if (held.default_size()) {
        return popped & 0xffff'ffff;
    }
    return (old & ~std::uint64_t{0xffff}) | (popped & 0xffff); // the rest leaks to the outer ring, as on the CPU
}

} // namespace ringcheck::model
