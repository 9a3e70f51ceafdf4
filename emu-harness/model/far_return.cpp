// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/far_return.h"

#include "model/descriptor_table.h"
#include "model/memory_access.h"
#include "model/return_segments.h"

#include <array>
#include <cstring>
#include <optional>
#include <span>

namespace ringcheck::model {

namespace {

using arch::SegmentDescriptor;
using arch::Vector;

std::unexpected<Fault> refuse(Vector vector, Reason reason, std::uint32_t error_code = 0)
{
    return std::unexpected(raise(vector, reason, error_code));
}

constexpr ReturnReasons kReturnReasons{
    .cs_beyond_table = Reason::RetCsBeyondTable,
    .cs_not_code = Reason::RetCsNotCode,
    .cs_rpl_below_cpl = Reason::RetCsRplBelowCpl,
    .cs_conforming_dpl = Reason::RetCsConformingDpl,
    .cs_dpl = Reason::RetCsDpl,
    .cs_long_and_big = Reason::RetCsLongAndBig,
    .cs_not_present = Reason::RetCsNotPresent,
    .ss_null_to_compatibility_mode = Reason::RetSsNullToCompatibilityMode,
    .ss_null_to_ring_3 = Reason::RetSsNullToRing3,
    .ss_null_rpl = Reason::RetSsNullRpl,
    .ss_beyond_table = Reason::RetSsBeyondTable,
    .ss_rpl = Reason::RetSsRpl,
    .ss_not_writable_data = Reason::RetSsNotWritableData,
    .ss_dpl = Reason::RetSsDpl,
    .ss_not_present = Reason::RetSsNotPresent,
};

/// Two words of the return stack: offset and selector.
std::expected<std::array<std::uint64_t, 2>, Fault> read_pair(const CpuState& state, const PhysicalMemory& memory,
                                                             std::uint64_t address, OperandSize size)
{
    const auto word_bytes = static_cast<std::size_t>(size);
    std::array<std::byte, 2 * sizeof(std::uint64_t)> bytes{};
    const auto read = read_linear(state, memory, address, std::span{bytes}.first(2 * word_bytes),
                                  by_program(state, AccessKind::Read), Reference::Stack);
    if (!read) {
        return std::unexpected(read.error());
    }
    std::array<std::uint64_t, 2> words{};
    std::memcpy(&words[0], bytes.data(), word_bytes);
    std::memcpy(&words[1], bytes.data() + word_bytes, word_bytes);
    return words;
}

/// SS:RSP of a return to an outer ring.
struct OuterStack {
    std::uint16_t selector = 0;
    std::optional<SegmentDescriptor> descriptor; ///< nullopt for a null SS that is allowed
    std::uint64_t rsp = 0;
};

std::expected<OuterStack, Fault> read_outer_stack(const CpuState& state, const PhysicalMemory& memory,
                                                  std::uint64_t address, OperandSize size, std::uint16_t cs,
                                                  bool to_64_bit, Vendor vendor)
{
    const auto words = read_pair(state, memory, address, size);
    if (!words) {
        return std::unexpected(words.error());
    }
    const auto selector = static_cast<std::uint16_t>((*words)[1]);
    const auto stack = check_return_stack(state, memory, cs, to_64_bit, selector, vendor, kReturnReasons);
    if (!stack) {
        return std::unexpected(stack.error());
    }
    return OuterStack{selector, *stack, (*words)[0]};
}

CpuState arrived(CpuState state, const SegmentRegister& cs, std::uint64_t rip)
{
    state.cs = cs;
    state.rip = rip;
    state.interrupt_shadow = false;
    state.mov_ss_shadow = false;
    return state;
}

} // namespace

std::expected<CpuState, Fault> far_return(CpuState state, const PhysicalMemory& memory, OperandSize size,
                                          std::uint16_t released_bytes, Vendor vendor)
{
    if (!state.in_64_bit_mode()) {
        return std::unexpected(no_answer(Reason::ModeUnmodelled));
    }
    const auto address = read_pair(state, memory, state[Gpr::Rsp], size);
    if (!address) {
        return std::unexpected(address.error());
    }
    const std::uint64_t rip = (*address)[0];
    const auto selector = static_cast<std::uint16_t>((*address)[1]);
    if (is_null(selector)) {
        return refuse(Vector::GeneralProtection, Reason::RetCsNull);
    }
    const auto code = check_return_code(state, memory, selector, kReturnReasons);
    if (!code) {
        return std::unexpected(code.error());
    }
    const bool to_64_bit = code->long_code();
    const unsigned new_cpl = rpl(selector);
    const bool outward = new_cpl > state.cpl;
    const std::uint64_t behind = state[Gpr::Rsp] + 2 * static_cast<std::uint64_t>(size) + released_bytes;
    OuterStack outer;
    if (outward) {
        const auto read = read_outer_stack(state, memory, behind, size, selector, to_64_bit, vendor);
        if (!read) {
            return std::unexpected(read.error());
        }
        outer = *read;
    }
    if (!to_64_bit && rip > code->limit()) {
        return refuse(Vector::GeneralProtection, Reason::RetEipBeyondLimit);
    }
    if (!arch::is_canonical(rip)) {
        return refuse(Vector::GeneralProtection, Reason::RetRipNonCanonical);
    }

    const auto cs = load_segment(state, memory, selector, *code);
    if (!cs) {
        return std::unexpected(cs.error());
    }
    if (!outward) {
        state[Gpr::Rsp] = behind;
        return arrived(state, *cs, rip);
    }
    const auto ss = load_return_stack(state, memory, outer.selector, outer.descriptor);
    if (!ss) {
        return std::unexpected(ss.error());
    }
    state.ss = *ss;
    state[Gpr::Rsp] = returned_stack_pointer(state[Gpr::Rsp], outer.rsp + released_bytes, *ss, to_64_bit);
    state.cpl = static_cast<std::uint8_t>(new_cpl);
    drop_segments_too_privileged_for(state, new_cpl);
    return arrived(state, *cs, rip);
}

} // namespace ringcheck::model
