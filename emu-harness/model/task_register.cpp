// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/task_register.h"

#include "model/descriptor_table.h"

namespace ringcheck::model {

namespace {

using arch::SegmentDescriptor;
using arch::Vector;

std::unexpected<Fault> refuse(Vector vector, Reason reason, std::uint32_t error_code = 0)
{
    return std::unexpected(raise(vector, reason, error_code));
}

/// What the two instructions ask of a descriptor, and how each calls it.
struct Rules {
    std::uint64_t type;
    Reason not_global, beyond_table, wrong_type, upper_type, not_present, base_non_canonical;
};

std::expected<SystemDescriptor, Fault> check(const CpuState& state, const PhysicalMemory& memory,
                                             std::uint16_t selector, const Rules& rules)
{
    const std::uint32_t error = selector_error(selector);
    if ((selector & arch::selector::kLocalTable) != 0) {
        return refuse(Vector::GeneralProtection, rules.not_global, error);
    }
    const auto read = read_system_descriptor(state, memory, selector);
    if (!read) {
        return std::unexpected(read.error());
    }
    if (!*read) {
        return refuse(Vector::GeneralProtection, rules.beyond_table, error);
    }
    const SystemDescriptor descriptor = **read;
    if (!descriptor.has_type(rules.type)) {
        return refuse(Vector::GeneralProtection, rules.wrong_type, error);
    }
    if (!descriptor.upper_type_clear()) {
        return refuse(Vector::GeneralProtection, rules.upper_type, error);
    }
    if (!descriptor.low.present()) {
        return refuse(Vector::SegmentNotPresent, rules.not_present, error);
    }
    if (!arch::is_canonical(descriptor.base())) {
        return refuse(Vector::GeneralProtection, rules.base_non_canonical, error);
    }
    return descriptor;
}

std::expected<void, Fault> check_mode(const CpuState& state)
{
    if (state.cpl != 0) {
        return refuse(Vector::GeneralProtection, Reason::InstructionNotRing0);
    }
    if (!state.in_64_bit_mode()) {
        return std::unexpected(no_answer(Reason::ModeUnmodelled));
    }
    return {};
}

} // namespace

std::expected<CpuState, Fault> load_task_register(CpuState state, const PhysicalMemory& memory, std::uint16_t selector)
{
    if (const auto allowed = check_mode(state); !allowed) {
        return std::unexpected(allowed.error());
    }
    if (is_null(selector)) {
        return refuse(Vector::GeneralProtection, Reason::LtrNull);
    }
    const auto tss =
        check(state, memory, selector,
              {SegmentDescriptor::kTypeTssAvailable, Reason::LtrNotGlobal, Reason::LtrBeyondTable,
               Reason::LtrNotAvailableTss, Reason::LtrUpperType, Reason::LtrNotPresent, Reason::LtrBaseNonCanonical});
    if (!tss) {
        return std::unexpected(tss.error());
    }
    const std::uint64_t busy = (tss->low.raw() & ~SegmentDescriptor::kType.mask()) |
                               SegmentDescriptor::kType.put(SegmentDescriptor::kTypeTssBusy);
    if (const auto written = write_descriptor(state, memory, selector, busy); !written) {
        return std::unexpected(written.error());
    }
    state.tr = load_system_segment(selector, {SegmentDescriptor{busy}, tss->high});
    return state;
}

std::expected<CpuState, Fault> load_ldt_register(CpuState state, const PhysicalMemory& memory, std::uint16_t selector)
{
    if (const auto allowed = check_mode(state); !allowed) {
        return std::unexpected(allowed.error());
    }
    if (is_null(selector)) {
        state.ldtr = SegmentRegister{.selector = selector};
        return state;
    }
    const auto ldt =
        check(state, memory, selector,
              {SegmentDescriptor::kTypeLdt, Reason::LldtNotGlobal, Reason::LldtBeyondTable, Reason::LldtNotLdt,
               Reason::LldtUpperType, Reason::LldtNotPresent, Reason::LldtBaseNonCanonical});
    if (!ldt) {
        return std::unexpected(ldt.error());
    }
    state.ldtr = load_system_segment(selector, *ldt);
    return state;
}

} // namespace ringcheck::model
