// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/iret.h"

#include "model/descriptor_table.h"
#include "model/memory_access.h"

#include <array>
#include <cstring>
#include <optional>
#include <span>

namespace ringcheck::model {

namespace {

using arch::SegmentDescriptor;
using arch::Vector;

/// Lowest address first.  [SDM 3A "64-Bit Mode Stack Frame"]
struct Frame {
    std::uint64_t rip = 0;
    std::uint16_t cs = 0;
    std::uint64_t rflags = 0;
    std::uint64_t rsp = 0;
    std::uint16_t ss = 0;
};

std::unexpected<Fault> refuse(Vector vector, Reason reason, std::uint32_t error_code = 0)
{
    return std::unexpected(raise(vector, reason, error_code));
}

/// In 64-bit mode SS:RSP are popped whether or not the ring changes.  [SDM 3A "IRET in IA-32e Mode"]
std::expected<Frame, Fault> read_frame(const CpuState& state, const PhysicalMemory& memory, OperandSize size)
{
    constexpr std::size_t kWords = 5;
    const auto word_bytes = static_cast<std::size_t>(size);
    std::array<std::byte, kWords * sizeof(std::uint64_t)> bytes;
    const auto read = read_linear(state, memory, state[Gpr::Rsp], std::span{bytes}.first(kWords * word_bytes),
                                  by_program(state, AccessKind::Read), Reference::Stack);
    if (!read) {
        return std::unexpected(read.error());
    }
    std::array<std::uint64_t, kWords> words{};
    for (std::size_t i = 0; i != kWords; ++i) {
        std::memcpy(&words[i], bytes.data() + i * word_bytes, word_bytes);
    }
    return Frame{words[0], static_cast<std::uint16_t>(words[1]), words[2], words[3],
                 static_cast<std::uint16_t>(words[4])};
}

std::expected<SegmentDescriptor, Fault> check_code(const CpuState& state, const PhysicalMemory& memory,
                                                   std::uint16_t selector)
{
    const std::uint32_t error = selector_error(selector);
    const auto read = read_descriptor(state, memory, selector);
    if (!read) {
        return std::unexpected(read.error());
    }
    if (!*read) {
        return refuse(Vector::GeneralProtection, Reason::IretCsBeyondTable, error);
    }
    const SegmentDescriptor code = **read;
    if (!code.is_code()) {
        return refuse(Vector::GeneralProtection, Reason::IretCsNotCode, error);
    }
    if (rpl(selector) < state.cpl) {
        return refuse(Vector::GeneralProtection, Reason::IretCsRplBelowCpl, error);
    }
    if (code.conforming() && code.dpl() > rpl(selector)) {
        return refuse(Vector::GeneralProtection, Reason::IretCsConformingDpl, error);
    }
    if (!code.conforming() && code.dpl() != rpl(selector)) {
        return refuse(Vector::GeneralProtection, Reason::IretCsDpl, error);
    }
    if (code.long_code() && code.default_size()) {
        return refuse(Vector::GeneralProtection, Reason::IretCsLongAndBig, error);
    }
    if (!code.present()) {
        return refuse(Vector::SegmentNotPresent, Reason::IretCsNotPresent, error);
    }
    return code;
}

/// The stack segment of a return to ring `rpl(cs)`; nullopt for a null SS that is allowed.
/// The manual names the rules for a null SS before the code segment is read, but they need its L bit.
std::expected<std::optional<SegmentDescriptor>, Fault> check_stack(const CpuState& state, const PhysicalMemory& memory,
                                                                   std::uint16_t cs, bool to_64_bit,
                                                                   std::uint16_t selector, Vendor vendor)
{
    if (is_null(selector)) {
        if (!to_64_bit) {
            return refuse(Vector::GeneralProtection, Reason::IretSsNullToCompatibilityMode);
        }
        if (rpl(cs) == 3) {
            return refuse(Vector::GeneralProtection, Reason::IretSsNullToRing3);
        }
        if (vendor == Vendor::Intel && rpl(selector) != rpl(cs)) {
            return refuse(Vector::GeneralProtection, Reason::IretSsNullRpl);
        }
        return std::nullopt;
    }
    const std::uint32_t error = selector_error(selector);
    const auto read = read_descriptor(state, memory, selector);
    if (!read) {
        return std::unexpected(read.error());
    }
    if (!*read) {
        return refuse(Vector::GeneralProtection, Reason::IretSsBeyondTable, error);
    }
    const SegmentDescriptor stack = **read;
    if (rpl(selector) != rpl(cs)) {
        return refuse(Vector::GeneralProtection, Reason::IretSsRpl, error);
    }
    if (!stack.writable_data()) {
        return refuse(Vector::GeneralProtection, Reason::IretSsNotWritableData, error);
    }
    if (stack.dpl() != rpl(cs)) {
        return refuse(Vector::GeneralProtection, Reason::IretSsDpl, error);
    }
    if (!stack.present()) {
        return refuse(Vector::StackFault, Reason::IretSsNotPresent, error);
    }
    return stack;
}

std::uint64_t new_flags(const CpuState& state, std::uint64_t image, OperandSize size)
{
    using namespace arch::rflags;
    std::uint64_t taken = kArithmetic | kTrap | kDirection | kNestedTask | kResume | kAlignmentCheck | kIdentification;
    if (state.cpl <= kIopl.get(state.rflags)) {
        taken |= kInterrupt;
    }
    if (state.cpl == 0) {
        taken |= kIopl.mask() | kVirtualInterrupt | kVirtualInterruptPending;
    }
    if (size == OperandSize::Bits16) {
        taken &= 0xffff;
    }
    return (state.rflags & ~taken) | (image & taken) | kAlwaysOne;
}

/// On a return to an outer ring, a data segment that the new ring may not use becomes null.  Base and limit stay.
void drop_if_too_privileged(SegmentRegister& segment, unsigned new_cpl)
{
    const bool holds_a_segment = segment.attributes != 0 && !is_null(segment.selector);
    const SegmentDescriptor held{static_cast<std::uint64_t>(segment.attributes) << 32};
    if (holds_a_segment && !held.conforming() && segment.dpl() < new_cpl) {
        segment.selector = 0;
        segment.attributes = 0;
    }
}

} // namespace

std::expected<CpuState, Fault> iret(CpuState state, const PhysicalMemory& memory, OperandSize size, Vendor vendor)
{
    if (!state.in_64_bit_mode()) {
        return std::unexpected(no_answer(Reason::ModeUnmodelled));
    }
    if ((state.rflags & arch::rflags::kNestedTask) != 0) {
        return refuse(Vector::GeneralProtection, Reason::IretNestedTask);
    }
    const auto frame = read_frame(state, memory, size);
    if (!frame) {
        return std::unexpected(frame.error());
    }
    if (is_null(frame->cs)) {
        return refuse(Vector::GeneralProtection, Reason::IretCsNull);
    }
    if (!arch::is_canonical(frame->rip)) {
        return refuse(Vector::GeneralProtection, Reason::IretRipNonCanonical);
    }
    const auto code = check_code(state, memory, frame->cs);
    if (!code) {
        return std::unexpected(code.error());
    }
    const bool to_64_bit = code->long_code();
    const auto stack = check_stack(state, memory, frame->cs, to_64_bit, frame->ss, vendor);
    if (!stack) {
        return std::unexpected(stack.error());
    }
    if (!to_64_bit && frame->rip > code->limit()) {
        return refuse(Vector::GeneralProtection, Reason::IretEipBeyondLimit);
    }

    const auto cs = load_segment(state, memory, frame->cs, *code);
    if (!cs) {
        return std::unexpected(cs.error());
    }
    SegmentRegister ss{.selector = frame->ss};
    if (*stack) {
        const auto loaded = load_segment(state, memory, frame->ss, **stack);
        if (!loaded) {
            return std::unexpected(loaded.error());
        }
        ss = *loaded;
    }

    const unsigned new_cpl = rpl(frame->cs);
    const bool outward = new_cpl > state.cpl;
    state.rflags = new_flags(state, frame->rflags, size);
    state.rip = frame->rip;
    state.cs = *cs;
    state.ss = ss;
    state.cpl = static_cast<std::uint8_t>(new_cpl);
    const bool stack_of_16_bits = !to_64_bit && !(*stack)->default_size();
    std::uint64_t& rsp = state[Gpr::Rsp];
    if (to_64_bit) {
        rsp = frame->rsp;
    } else if (stack_of_16_bits) {
        rsp = (rsp & ~std::uint64_t{0xffff}) | (frame->rsp & 0xffff); // the rest leaks to ring 3, as on the CPU
    } else {
        rsp = frame->rsp & 0xffff'ffff;
    }
    if (outward) {
        for (SegmentRegister* const segment : {&state.es, &state.fs, &state.gs, &state.ds}) {
            drop_if_too_privileged(*segment, new_cpl);
        }
    }
    state.nmi_blocked = false;
    state.interrupt_shadow = false;
    return state;
}

} // namespace ringcheck::model
