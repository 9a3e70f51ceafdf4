// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/event_delivery.h"

#include "arch/control_registers.h"
#include "arch/idt_gate.h"
#include "arch/tss.h"
#include "model/descriptor_table.h"
#include "model/memory_access.h"

#include <array>
#include <cstddef>
#include <span>

namespace ringcheck::model {

namespace {

using arch::IdtGate;
using arch::SegmentDescriptor;
using arch::Vector;

/// SS, RSP, RFLAGS, CS, RIP, and an error code if there is one.
constexpr std::size_t kFrameWords = 6;

bool by_instruction(Event::Origin origin)
{
    return origin == Event::Origin::Software || origin == Event::Origin::PrivilegedSoftware;
}

std::unexpected<Fault> refuse(Vector vector, Reason reason, std::uint32_t error_code = 0)
{
    return std::unexpected(raise(vector, reason, error_code));
}

/// The error code that blames the event's own gate.
std::uint32_t gate_error(const Event& event)
{
    return event.vector * 8u | arch::selector_error::kIdt;
}

std::expected<IdtGate, Fault> find_gate(const CpuState& state, const PhysicalMemory& memory, const Event& event)
{
    const std::uint32_t error = gate_error(event);
    const std::uint64_t offset = event.vector * sizeof(IdtGate);
    if (offset + sizeof(IdtGate) - 1 > state.idtr.limit) {
        return refuse(Vector::GeneralProtection, Reason::GateBeyondIdt, error);
    }
    const auto read = read_word<IdtGate>(state, memory, state.idtr.base + offset, by_cpu(AccessKind::Read));
    if (!read) {
        return std::unexpected(read.error());
    }
    const IdtGate& gate = *read;
    if (gate.type() != IdtGate::kTypeInterrupt && gate.type() != IdtGate::kTypeTrap) {
        return refuse(Vector::GeneralProtection, Reason::GateType, error);
    }
    if (event.origin == Event::Origin::Software && gate.dpl() < state.cpl) {
        return refuse(Vector::GeneralProtection, Reason::GateDpl, error);
    }
    if (!gate.present()) {
        return refuse(Vector::SegmentNotPresent, Reason::GateNotPresent, error);
    }
    return gate;
}

std::expected<SegmentDescriptor, Fault> find_code(const CpuState& state, const PhysicalMemory& memory,
                                                  std::uint16_t selector)
{
    const std::uint32_t error = selector_error(selector);
    if (is_null(selector)) {
        return refuse(Vector::GeneralProtection, Reason::GateCsNull);
    }
    const auto read = read_descriptor(state, memory, selector);
    if (!read) {
        return std::unexpected(read.error());
    }
    if (!*read) {
        return refuse(Vector::GeneralProtection, Reason::GateCsBeyondTable, error);
    }
    const SegmentDescriptor code = **read;
    if (!code.is_code()) {
        return refuse(Vector::GeneralProtection, Reason::GateCsNotCode, error);
    }
    if (code.dpl() > state.cpl) {
        return refuse(Vector::GeneralProtection, Reason::GateCsDpl, error);
    }
    if (!code.long_code() || code.default_size()) {
        return refuse(Vector::GeneralProtection, Reason::GateCsNot64Bit, error);
    }
    if (!code.present()) {
        return refuse(Vector::SegmentNotPresent, Reason::GateCsNotPresent, error);
    }
    return code;
}

/// RSP before alignment: from the IST, from the TSS on a change of ring, else as it is.  One from the TSS must be
/// canonical; of the ring's own only the pushes are looked at.
/// [SDM 3A "Stack Switching in IA-32e Mode", "Interrupt Stack Table"]
std::expected<std::uint64_t, Fault> find_stack(const CpuState& state, const PhysicalMemory& memory, unsigned ist,
                                               unsigned new_cpl)
{
    if (ist == 0 && new_cpl == state.cpl) {
        return state[Gpr::Rsp];
    }
    constexpr std::uint64_t kSlot = sizeof(std::uint64_t);
    const std::uint64_t offset =
        ist != 0 ? offsetof(arch::Tss, ist) + kSlot * (ist - 1) : offsetof(arch::Tss, rsp) + kSlot * new_cpl;
    if (offset + kSlot - 1 > state.tr.limit) {
        return refuse(Vector::InvalidTss, Reason::TssStackBeyondLimit, selector_error(state.tr.selector));
    }
    const auto stack = read_word<std::uint64_t>(state, memory, state.tr.base + offset, by_cpu(AccessKind::Read));
    if (stack && !arch::is_canonical(*stack)) {
        return refuse(Vector::StackFault, Reason::StackNonCanonical);
    }
    return stack;
}

/// RFLAGS as the handler finds it on its stack.  [SDM 3B "Instruction-Breakpoint Exception Condition"]
std::uint64_t pushed_flags(const CpuState& state, const Event& event)
{
    using arch::rflags::kResume;
    const bool exception = event.origin == Event::Origin::Exception;
    // Of the two #DB that are faults, an instruction breakpoint leaves it to the handler to set RF.
    const bool general_detect = (event.dr6.value_or(0) & arch::dr6::kDebugRegisterAccess) != 0;
    const bool fault =
        exception && (arch::exception_kind(event.vector) == arch::ExceptionKind::Fault || general_detect);
    if (fault || event.between_iterations) {
        return state.rflags | kResume;
    }
    // An INT instruction clears RF as it begins, like every instruction.
    return by_instruction(event.origin) ? state.rflags & ~kResume : state.rflags;
}

/// Outside long mode the model knows where the IDT ends, and so what becomes of a kernel that has none yet.
/// [SDM 2A INT n/INTO/INT3/INT1 "Operation": real-address mode, protected mode]
Fault outside_long_mode(const CpuState& state, const Event& event)
{
    constexpr std::uint64_t kGateBytes = 8, kRealModeVectorBytes = 4;
    const bool protection = (state.cr0 & arch::cr0::kProtectionEnable) != 0;
    const std::uint64_t bytes = protection ? kGateBytes : kRealModeVectorBytes;
    if (event.vector * bytes + bytes - 1 <= state.idtr.limit) {
        return no_answer(Reason::ModeUnmodelled);
    }
    return protection ? raise(Vector::GeneralProtection, Reason::GateBeyondIdt, gate_error(event))
                      : raise(Vector::GeneralProtection, Reason::GateBeyondIdt);
}

std::expected<CpuState, Fault> enter_handler(const CpuState& state, const PhysicalMemory& memory, const Event& event)
{
    if ((state.efer & arch::efer::kLongModeActive) == 0) {
        return std::unexpected(outside_long_mode(state, event));
    }
    const auto gate = find_gate(state, memory, event);
    if (!gate) {
        return std::unexpected(gate.error());
    }
    const auto code = find_code(state, memory, gate->selector());
    if (!code) {
        return std::unexpected(code.error());
    }
    const unsigned new_cpl = code->conforming() ? state.cpl : static_cast<unsigned>(code->dpl());
    const auto stack = find_stack(state, memory, gate->ist(), new_cpl);
    if (!stack) {
        return std::unexpected(stack.error());
    }
    if (!arch::is_canonical(gate->handler())) {
        return refuse(Vector::GeneralProtection, Reason::HandlerNonCanonical);
    }
    const auto cs_selector = static_cast<std::uint16_t>(selector_error(gate->selector()) | new_cpl);
    const auto cs = load_segment(state, memory, cs_selector, *code);
    if (!cs) {
        return std::unexpected(cs.error());
    }

    const std::array<std::uint64_t, kFrameWords> words{state.ss.selector,          state[Gpr::Rsp],
                                                       pushed_flags(state, event), state.cs.selector,
                                                       event.return_rip,           event.error_code.value_or(0)};
    const auto pushed = std::span{words}.first(event.error_code ? kFrameWords : kFrameWords - 1);
    // The pushes belong to the new ring; RSP is aligned first.  [SDM 3A "64-Bit Mode Stack Frame"]
    const auto rsp =
        push_words(state, memory, *stack & ~std::uint64_t{15}, pushed, Access{AccessKind::Write, new_cpl == 3, false});
    if (!rsp) {
        return std::unexpected(rsp.error());
    }

    CpuState next = state;
    next.rip = gate->handler();
    next[Gpr::Rsp] = *rsp;
    next.cs = *cs;
    if (new_cpl != state.cpl) {
        next.ss = SegmentRegister{.selector = static_cast<std::uint16_t>(new_cpl)};
        next.cpl = static_cast<std::uint8_t>(new_cpl);
    }
    next.rflags &=
        ~(arch::rflags::kTrap | arch::rflags::kNestedTask | arch::rflags::kResume | arch::rflags::kVirtual8086);
    if (gate->type() == IdtGate::kTypeInterrupt) {
        next.rflags &= ~arch::rflags::kInterrupt;
    }
    const bool debug_exception =
        event.vector == static_cast<std::uint8_t>(Vector::Debug) &&
        (event.origin == Event::Origin::Exception || event.origin == Event::Origin::PrivilegedSoftware);
    if (debug_exception) {
        next.dr7 &= ~arch::dr7::kGeneralDetect; // so that the handler can use the debug registers
    }
    next.interrupt_shadow = false;
    next.mov_ss_shadow = false;
    return next;
}

/// DR6 after a #DB: B0..B3 are this exception's, BD and BS stay until software clears them.
/// [SDM 3B "Debug Status Register (DR6)"]  That says "certain debug exceptions may clear bits 0-3": here all do.
std::uint64_t with_cause(std::uint64_t dr6, std::uint64_t cause)
{
    return (dr6 & ~arch::dr6::kBreakpoints.mask()) | cause;
}

/// A fault of the delivery itself: EXT is set unless an INT n asked for the event.  [SDM 3A "Error Code"]
Fault with_external_bit(Fault fault, const Event& event)
{
    const bool page_fault = fault.vector == static_cast<std::uint8_t>(Vector::PageFault);
    if (fault.error_code && !page_fault && event.origin != Event::Origin::Software) {
        *fault.error_code |= arch::selector_error::kExternal;
    }
    return fault;
}

} // namespace

Combination combine(const Event& first, std::uint8_t second_vector)
{
    using arch::ExceptionClass;
    const ExceptionClass second = arch::exception_class(second_vector);
    if (first.origin != Event::Origin::Exception || second == ExceptionClass::Benign) {
        return Combination::Serial;
    }
    if (first.vector == static_cast<std::uint8_t>(Vector::DoubleFault)) {
        return Combination::Shutdown;
    }
    switch (arch::exception_class(first.vector)) {
    case ExceptionClass::Benign: return Combination::Serial;
    case ExceptionClass::Contributory:
        return second == ExceptionClass::Contributory ? Combination::DoubleFault : Combination::Serial;
    case ExceptionClass::PageFault: return Combination::DoubleFault;
    }
    __builtin_unreachable();
}

bool Delivery::unmodelled() const
{
    const auto& failed = attempts_[count_ - 1].failed;
    return failed && outside_the_model(failed->reason);
}

Delivery deliver(const CpuState& state, const PhysicalMemory& memory, const Event& event)
{
    Delivery delivery;
    CpuState before = state;
    Event current = event;
    const std::uint64_t faulting_rip = by_instruction(event.origin) ? event.instruction_rip : event.return_rip;
    for (;;) {
        // These happen when the event is taken, whether or not its handler is reached.
        before.cr2 = current.cr2.value_or(before.cr2);
        before.dr6 = current.dr6 ? with_cause(before.dr6, *current.dr6) : before.dr6;
        before.nmi_blocked |= current.origin == Event::Origin::Nmi;

        const auto after = enter_handler(before, memory, current);
        if (after) {
            delivery.add({current, std::nullopt});
            delivery.state = *after;
            return delivery;
        }
        const Fault fault = with_external_bit(after.error(), current);
        delivery.add({current, fault});
        if (outside_the_model(fault.reason)) {
            return delivery;
        }
        switch (combine(current, fault.vector)) {
        case Combination::Serial: current = to_event(fault, faulting_rip); break;
        case Combination::DoubleFault:
            before.cr2 = fault.cr2.value_or(before.cr2);
            current = to_event(raise(Vector::DoubleFault, fault.reason, 0), faulting_rip);
            break;
        case Combination::Shutdown: return delivery;
        }
    }
}

} // namespace ringcheck::model
