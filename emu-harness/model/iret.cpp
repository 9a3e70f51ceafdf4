// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/iret.h"

#include "model/descriptor_table.h"
#include "model/memory_access.h"
#include "model/return_segments.h"

#include <array>
#include <cstring>
#include <optional>
#include <span>

namespace ringcheck::model {

namespace {

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

constexpr ReturnReasons kReasons{
    .cs_beyond_table = Reason::IretCsBeyondTable,
    .cs_not_code = Reason::IretCsNotCode,
    .cs_rpl_below_cpl = Reason::IretCsRplBelowCpl,
    .cs_conforming_dpl = Reason::IretCsConformingDpl,
    .cs_dpl = Reason::IretCsDpl,
    .cs_long_and_big = Reason::IretCsLongAndBig,
    .cs_not_present = Reason::IretCsNotPresent,
    .ss_null_to_compatibility_mode = Reason::IretSsNullToCompatibilityMode,
    .ss_null_to_ring_3 = Reason::IretSsNullToRing3,
    .ss_null_rpl = Reason::IretSsNullRpl,
    .ss_beyond_table = Reason::IretSsBeyondTable,
    .ss_rpl = Reason::IretSsRpl,
    .ss_not_writable_data = Reason::IretSsNotWritableData,
    .ss_dpl = Reason::IretSsDpl,
    .ss_not_present = Reason::IretSsNotPresent,
};

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

} // namespace

std::expected<CpuState, Fault> iret(const CpuState& before, const PhysicalMemory& memory, OperandSize size,
                                    Vendor vendor)
{
    if (!before.in_64_bit_mode()) {
        return std::unexpected(no_answer(Reason::ModeUnmodelled));
    }
    if ((before.rflags & arch::rflags::kNestedTask) != 0) {
        return refuse(Vector::GeneralProtection, Reason::IretNestedTask);
    }
    const auto frame = read_frame(before, memory, size);
    if (!frame) {
        return std::unexpected(frame.error());
    }
    if (is_null(frame->cs)) {
        return refuse(Vector::GeneralProtection, Reason::IretCsNull);
    }
    if (!arch::is_canonical(frame->rip)) {
        return refuse(Vector::GeneralProtection, Reason::IretRipNonCanonical);
    }
    const auto code = check_return_code(before, memory, frame->cs, kReasons);
    if (!code) {
        return std::unexpected(code.error());
    }
    const bool to_64_bit = code->long_code();
    const auto stack = check_return_stack(before, memory, frame->cs, to_64_bit, frame->ss, vendor, kReasons);
    if (!stack) {
        return std::unexpected(stack.error());
    }
    if (!to_64_bit && frame->rip > code->limit()) {
        return refuse(Vector::GeneralProtection, Reason::IretEipBeyondLimit);
    }

    const auto cs = load_segment(before, memory, frame->cs, *code);
    if (!cs) {
        return std::unexpected(cs.error());
    }
    const auto loaded_ss = load_return_stack(before, memory, frame->ss, *stack);
    if (!loaded_ss) {
        return std::unexpected(loaded_ss.error());
    }

    std::expected<CpuState, Fault> after(before); // in place: a state is large
    CpuState& state = *after;
    const unsigned new_cpl = rpl(frame->cs);
    const bool outward = new_cpl > state.cpl;
    state.rflags = new_flags(state, frame->rflags, size);
    state.rip = frame->rip;
    state.cs = *cs;
    state.ss = *loaded_ss;
    state.cpl = static_cast<std::uint8_t>(new_cpl);
    state[Gpr::Rsp] = returned_stack_pointer(state[Gpr::Rsp], frame->rsp, *loaded_ss, to_64_bit);
    if (outward) {
        drop_segments_too_privileged_for(state, new_cpl);
    }
    state.nmi_blocked = false;
    state.interrupt_shadow = false;
    state.mov_ss_shadow = false;
    return after;
}

} // namespace ringcheck::model
