// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/segment_load.h"

#include "model/descriptor_table.h"
#include "model/memory_access.h"

#include <algorithm>

namespace ringcheck::model {

namespace {

using arch::SegmentDescriptor;
using arch::Vector;

std::unexpected<Fault> refuse(Vector vector, Reason reason, std::uint32_t error_code = 0)
{
    return std::unexpected(raise(vector, reason, error_code));
}

SegmentRegister null_segment(const SegmentRegister& before, std::uint16_t selector, Vendor vendor)
{
    if (vendor == Vendor::Intel) {
        return SegmentRegister{.selector = selector};
    }
    return {selector, before.base, before.limit, 0};
}

std::expected<SegmentRegister, Fault> checked_stack(const CpuState& state, const PhysicalMemory& memory,
                                                    std::uint16_t selector, Vendor vendor)
{
    if (is_null(selector)) {
        if (!state.in_64_bit_mode() || state.cpl == 3) {
            return refuse(Vector::GeneralProtection, Reason::LoadSsNull);
        }
        if (vendor == Vendor::Intel && rpl(selector) != state.cpl) {
            return refuse(Vector::GeneralProtection, Reason::LoadSsNullRpl);
        }
        return null_segment(state.ss, selector, vendor);
    }
    const std::uint32_t error = selector_error(selector);
    const auto read = read_descriptor(state, memory, selector);
    if (!read) {
        return std::unexpected(read.error());
    }
    if (!*read) {
        return refuse(Vector::GeneralProtection, Reason::LoadSsBeyondTable, error);
    }
    const SegmentDescriptor stack = **read;
    if (rpl(selector) != state.cpl) {
        return refuse(Vector::GeneralProtection, Reason::LoadSsRpl, error);
    }
    if (!stack.writable_data()) {
        return refuse(Vector::GeneralProtection, Reason::LoadSsNotWritableData, error);
    }
    if (stack.dpl() != state.cpl) {
        return refuse(Vector::GeneralProtection, Reason::LoadSsDpl, error);
    }
    if (!stack.present()) {
        return refuse(Vector::StackFault, Reason::LoadSsNotPresent, error);
    }
    return load_segment(state, memory, selector, stack);
}

std::expected<SegmentRegister, Fault> checked_data(const CpuState& state, const PhysicalMemory& memory,
                                                   const SegmentRegister& before, std::uint16_t selector, Vendor vendor)
{
    if (is_null(selector)) {
        return null_segment(before, selector, vendor);
    }
    const std::uint32_t error = selector_error(selector);
    const auto read = read_descriptor(state, memory, selector);
    if (!read) {
        return std::unexpected(read.error());
    }
    if (!*read) {
        return refuse(Vector::GeneralProtection, Reason::LoadDataBeyondTable, error);
    }
    const SegmentDescriptor data = **read;
    if (!data.readable()) {
        return refuse(Vector::GeneralProtection, Reason::LoadDataNotReadable, error);
    }
    const unsigned least_privileged = std::max<unsigned>(rpl(selector), state.cpl);
    if (!data.conforming() && least_privileged > data.dpl()) {
        return refuse(Vector::GeneralProtection, Reason::LoadDataDpl, error);
    }
    if (!data.present()) {
        return refuse(Vector::SegmentNotPresent, Reason::LoadDataNotPresent, error);
    }
    return load_segment(state, memory, selector, data);
}

/// nullptr for CS, and for a number that is no segment register.
SegmentRegister* find(CpuState& state, SegmentName which)
{
    switch (which) {
    case SegmentName::Es: return &state.es;
    case SegmentName::Ss: return &state.ss;
    case SegmentName::Ds: return &state.ds;
    case SegmentName::Fs: return &state.fs;
    case SegmentName::Gs: return &state.gs;
    default: return nullptr;
    }
}

/// Clears the shadows that the instruction began with.
void leave_shadow(CpuState& state)
{
    state.interrupt_shadow = false;
    state.mov_ss_shadow = false;
}

} // namespace

std::expected<CpuState, Fault> load_segment_register(CpuState state, const PhysicalMemory& memory, SegmentName which,
                                                     std::uint16_t selector, Vendor vendor)
{
    SegmentRegister* const segment = find(state, which);
    if (segment == nullptr) {
        return std::unexpected(raise(Vector::InvalidOpcode,
                                     which == SegmentName::Cs ? Reason::SegmentLoadCs : Reason::SegmentLoadUnknown));
    }
    const auto loaded = which == SegmentName::Ss ? checked_stack(state, memory, selector, vendor)
                                                 : checked_data(state, memory, *segment, selector, vendor);
    if (!loaded) {
        return std::unexpected(loaded.error());
    }
    *segment = *loaded;
    return state;
}

std::expected<CpuState, Fault> mov_to_segment(CpuState state, const PhysicalMemory& memory, SegmentName which,
                                              std::uint16_t selector, Vendor vendor)
{
    const bool casts_a_shadow = which == SegmentName::Ss && !state.mov_ss_shadow;
    auto after = load_segment_register(state, memory, which, selector, vendor);
    if (after) {
        after->interrupt_shadow = casts_a_shadow;
        after->mov_ss_shadow = casts_a_shadow;
    }
    return after;
}

std::expected<CpuState, Fault> pop_segment(CpuState state, const PhysicalMemory& memory, SegmentName which,
                                           OperandSize size, Vendor vendor)
{
    if (!state.in_64_bit_mode()) {
        return std::unexpected(no_answer(Reason::ModeUnmodelled));
    }
    if (which != SegmentName::Fs && which != SegmentName::Gs) {
        return std::unexpected(raise(Vector::InvalidOpcode, Reason::SegmentPopIn64BitMode));
    }
    const auto bytes = static_cast<std::uint64_t>(size);
    std::array<std::byte, sizeof(std::uint64_t)> word{};
    const auto access = by_program(state, AccessKind::Read);
    const auto read =
        read_linear(state, memory, state[Gpr::Rsp], std::span{word}.first(bytes), access, Reference::Stack);
    if (!read) {
        return std::unexpected(read.error());
    }
    std::uint16_t selector = 0;
    std::memcpy(&selector, word.data(), sizeof selector);
    auto after = load_segment_register(state, memory, which, selector, vendor);
    if (after) {
        (*after)[Gpr::Rsp] += bytes;
        leave_shadow(*after);
    }
    return after;
}

std::expected<CpuState, Fault> load_far_pointer(CpuState state, const PhysicalMemory& memory, SegmentName which,
                                                Gpr destination, FarPointer pointer, OperandSize size, Vendor vendor)
{
    auto after = load_segment_register(state, memory, which, pointer.selector, vendor);
    if (after) {
        std::uint64_t& reg = (*after)[destination];
        constexpr std::uint64_t kLowWord = 0xffff;
        reg = size == OperandSize::Bits16 ? (reg & ~kLowWord) | (pointer.offset & kLowWord) : pointer.offset;
        leave_shadow(*after);
    }
    return after;
}

} // namespace ringcheck::model
