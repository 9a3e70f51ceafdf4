// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/far_transfer.h"

#include "arch/call_gate.h"
#include "arch/tss.h"
#include "model/descriptor_table.h"
#include "model/memory_access.h"

#include <array>
#include <cstddef>
#include <span>

namespace ringcheck::model {

namespace {

using arch::CallGate;
using arch::SegmentDescriptor;
using arch::Vector;

enum class Kind : std::uint8_t { Call, Jump };

std::unexpected<Fault> refuse(Vector vector, Reason reason, std::uint32_t error_code = 0)
{
    return std::unexpected(raise(vector, reason, error_code));
}

/// Where the transfer leads once every check of descriptors has passed.
struct Destination {
    std::uint16_t selector = 0;
    SegmentDescriptor code;
    std::uint64_t rip = 0;
    bool by_gate = false;
};

std::expected<void, Fault> check_direct_code(const CpuState& state, std::uint16_t selector, SegmentDescriptor code)
{
    const std::uint32_t error = selector_error(selector);
    if (code.long_code() && code.default_size()) {
        return refuse(Vector::GeneralProtection, Reason::FarCsLongAndBig, error);
    }
    if (code.conforming() && code.dpl() > state.cpl) {
        return refuse(Vector::GeneralProtection, Reason::FarCsConformingDpl, error);
    }
    if (!code.conforming() && rpl(selector) > state.cpl) {
        return refuse(Vector::GeneralProtection, Reason::FarCsRpl, error);
    }
    if (!code.conforming() && code.dpl() != state.cpl) {
        return refuse(Vector::GeneralProtection, Reason::FarCsDpl, error);
    }
    if (!code.present()) {
        return refuse(Vector::SegmentNotPresent, Reason::FarCsNotPresent, error);
    }
    return {};
}

/// The gate that `selector` names.  That its upper half is looked at before DPL and P is our order: the manual gives
/// none for checks that blame the same selector.
std::expected<CallGate, Fault> check_gate(const CpuState& state, const PhysicalMemory& memory, std::uint16_t selector)
{
    const std::uint32_t error = selector_error(selector);
    const auto read = read_system_descriptor(state, memory, selector);
    if (!read) {
        return std::unexpected(read.error());
    }
    if (!*read) {
        return refuse(Vector::GeneralProtection, Reason::FarBeyondTable, error);
    }
    const SystemDescriptor& descriptor = **read;
    if (!descriptor.upper_type_clear()) {
        return refuse(Vector::GeneralProtection, Reason::CallGateUpperType, error);
    }
    if (descriptor.low.dpl() < state.cpl || rpl(selector) > descriptor.low.dpl()) {
        return refuse(Vector::GeneralProtection, Reason::CallGateDpl, error);
    }
    if (!descriptor.low.present()) {
        return refuse(Vector::SegmentNotPresent, Reason::CallGateNotPresent, error);
    }
    return CallGate{descriptor.low.raw(), descriptor.high};
}

std::expected<Destination, Fault> through_gate(const CpuState& state, const PhysicalMemory& memory,
                                               std::uint16_t gate_selector, Kind kind)
{
    const auto gate = check_gate(state, memory, gate_selector);
    if (!gate) {
        return std::unexpected(gate.error());
    }
    const std::uint16_t selector = gate->selector();
    const std::uint32_t error = selector_error(selector);
    if (is_null(selector)) {
        return refuse(Vector::GeneralProtection, Reason::CallGateCsNull);
    }
    const auto read = read_descriptor(state, memory, selector);
    if (!read) {
        return std::unexpected(read.error());
    }
    if (!*read) {
        return refuse(Vector::GeneralProtection, Reason::CallGateCsBeyondTable, error);
    }
    const SegmentDescriptor code = **read;
    if (!code.is_code()) {
        return refuse(Vector::GeneralProtection, Reason::CallGateCsNotCode, error);
    }
    const bool would_change_ring = !code.conforming() && code.dpl() != state.cpl;
    if (code.dpl() > state.cpl || (kind == Kind::Jump && would_change_ring)) {
        return refuse(Vector::GeneralProtection, Reason::CallGateCsDpl, error);
    }
    if (!code.long_code() || code.default_size()) {
        return refuse(Vector::GeneralProtection, Reason::CallGateCsNot64Bit, error);
    }
    if (!code.present()) {
        return refuse(Vector::SegmentNotPresent, Reason::CallGateCsNotPresent, error);
    }
    return Destination{selector, code, gate->entry(), true};
}

std::expected<Destination, Fault> resolve(const CpuState& state, const PhysicalMemory& memory, FarPointer target,
                                          Kind kind)
{
    if (!state.in_64_bit_mode()) {
        return std::unexpected(no_answer(Reason::ModeUnmodelled));
    }
    if (is_null(target.selector)) {
        return refuse(Vector::GeneralProtection, Reason::FarCsNull);
    }
    const std::uint32_t error = selector_error(target.selector);
    const auto read = read_descriptor(state, memory, target.selector);
    if (!read) {
        return std::unexpected(read.error());
    }
    if (!*read) {
        return refuse(Vector::GeneralProtection, Reason::FarBeyondTable, error);
    }
    const SegmentDescriptor descriptor = **read;
    if (!descriptor.code_or_data() && descriptor.type() == SegmentDescriptor::kTypeCallGate) {
        return through_gate(state, memory, target.selector, kind);
    }
    if (!descriptor.is_code()) {
        return refuse(Vector::GeneralProtection, Reason::FarNotCodeOrGate, error);
    }
    if (const auto allowed = check_direct_code(state, target.selector, descriptor); !allowed) {
        return std::unexpected(allowed.error());
    }
    const std::uint64_t width = descriptor.long_code() ? ~std::uint64_t{0} : 0xffff'ffff;
    return Destination{target.selector, descriptor, target.offset & width, false};
}

std::expected<void, Fault> check_rip(const Destination& destination)
{
    if (!destination.code.long_code() && destination.rip > destination.code.limit()) {
        return refuse(Vector::GeneralProtection, Reason::FarTargetBeyondLimit);
    }
    if (!arch::is_canonical(destination.rip)) {
        return refuse(Vector::GeneralProtection,
                      destination.by_gate ? Reason::CallGateEntryNonCanonical : Reason::FarTargetNonCanonical);
    }
    return {};
}

/// CS after the transfer: with CPL for an RPL, whatever the selector said.
std::expected<SegmentRegister, Fault> load_code(const CpuState& state, const PhysicalMemory& memory,
                                                const Destination& destination, unsigned new_cpl)
{
    const auto selector = static_cast<std::uint16_t>(selector_error(destination.selector) | new_cpl);
    return load_segment(state, memory, selector, destination.code);
}

/// RSP of the ring that a gate enters.  [SDM 3A "Stack Switching in 64-bit Mode"]
std::expected<std::uint64_t, Fault> inner_stack(const CpuState& state, const PhysicalMemory& memory, unsigned new_cpl)
{
    constexpr std::uint64_t kSlot = sizeof(std::uint64_t);
    const std::uint64_t offset = offsetof(arch::Tss, rsp) + kSlot * new_cpl;
    if (offset + kSlot - 1 > state.tr.limit) {
        return refuse(Vector::InvalidTss, Reason::CallGateStackBeyondTss, selector_error(state.tr.selector));
    }
    return read_word<std::uint64_t>(state, memory, state.tr.base + offset, by_cpu(AccessKind::Read));
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

std::expected<CpuState, Fault> far_jump(CpuState state, const PhysicalMemory& memory, FarPointer target)
{
    const auto destination = resolve(state, memory, target, Kind::Jump);
    if (!destination) {
        return std::unexpected(destination.error());
    }
    if (const auto reachable = check_rip(*destination); !reachable) {
        return std::unexpected(reachable.error());
    }
    const auto cs = load_code(state, memory, *destination, state.cpl);
    if (!cs) {
        return std::unexpected(cs.error());
    }
    return arrived(state, *cs, destination->rip);
}

std::expected<CpuState, Fault> far_call(CpuState state, const PhysicalMemory& memory, FarPointer target,
                                        OperandSize size)
{
    const auto destination = resolve(state, memory, target, Kind::Call);
    if (!destination) {
        return std::unexpected(destination.error());
    }
    const SegmentDescriptor& code = destination->code;
    const bool inward = !code.conforming() && code.dpl() < state.cpl; // only a gate leads there
    const unsigned new_cpl = inward ? static_cast<unsigned>(code.dpl()) : state.cpl;
    std::uint64_t top = state[Gpr::Rsp];
    if (inward) {
        const auto stack = inner_stack(state, memory, new_cpl);
        if (!stack) {
            return std::unexpected(stack.error());
        }
        top = *stack;
    }

    const std::array<std::uint64_t, kMaximumFarWords> words{state.ss.selector, state[Gpr::Rsp], state.cs.selector,
                                                            state.rip};
    const auto pushed = inward ? std::span{words} : std::span{words}.last(2);
    const auto word_bytes = static_cast<std::size_t>(destination->by_gate ? OperandSize::Bits64 : size);
    if (!arch::is_canonical(top - 1) || !arch::is_canonical(top - pushed.size() * word_bytes)) {
        return refuse(Vector::StackFault, Reason::StackNonCanonical);
    }
    if (const auto reachable = check_rip(*destination); !reachable) {
        return std::unexpected(reachable.error());
    }
    const auto cs = load_code(state, memory, *destination, new_cpl);
    if (!cs) {
        return std::unexpected(cs.error());
    }
    const Access access{AccessKind::Write, new_cpl == 3, false};
    const auto rsp = push_unaligned(state, memory, top, pushed, word_bytes, access);
    if (!rsp) {
        return std::unexpected(rsp.error());
    }

    state[Gpr::Rsp] = *rsp;
    if (inward) {
        state.ss = SegmentRegister{.selector = static_cast<std::uint16_t>(new_cpl)};
        state.cpl = static_cast<std::uint8_t>(new_cpl);
    }
    return arrived(state, *cs, destination->rip);
}

} // namespace ringcheck::model
