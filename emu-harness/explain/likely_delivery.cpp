// SPDX-License-Identifier: GPL-2.0-or-later
// Events that cannot be delivered: the gate, its code segment, the TSS, the stack.
#include "arch/control_registers.h"
#include "arch/idt_gate.h"
#include "arch/tss.h"
#include "explain/likely_mistake.h"
#include "model/descriptor_table.h"

#include <fmt/format.h>

#include <algorithm>

namespace ringcheck {
namespace {

using model::Reason;

bool in_long_mode(const Circumstances& at)
{
    return (at.state.efer & arch::efer::kLongModeActive) != 0;
}

/// INT n before long mode, of one of the BIOS's vectors: "; INT 0x15 ..."; "" when it is none.
std::string bios_call(const Circumstances& at)
{
    constexpr unsigned kFirst = 0x10, kLast = 0x1a; // [Ralf Brown's Interrupt List: video to clock]
    const unsigned vector = at.delivering->vector;
    if (at.delivering->origin != model::Event::Origin::Software || vector < kFirst || vector > kLast) {
        return "";
    }
    return fmt::format("; INT {:#x} calls the BIOS, which is there in real-address mode alone: what it would tell, the "
                       "boot protocol hands over",
                       vector);
}

/// The IDT holds a gate of 32-bit mode's size for the vector.
bool has_short_gate(const Circumstances& at, unsigned vector)
{
    constexpr std::uint64_t kBytes = 8;
    const auto place = locate(at.state, at.memory, at.state.idtr.base + kBytes * vector);
    const auto next = locate(at.state, at.memory, at.state.idtr.base + kBytes * (vector + 1));
    const arch::IdtGate gate{place ? *at.memory.read_u64(*place) : 0, next ? *at.memory.read_u64(*next) : 0};
    const bool long_one = vector % 2 == 0 && is_mapped(at, gate.handler()); // that of half the vector
    return !long_one && gate.present() &&
           (gate.type() == arch::IdtGate::kTypeInterrupt || gate.type() == arch::IdtGate::kTypeTrap) &&
           !model::is_null(gate.selector());
}

/// A gate lies in memory behind the IDT's limit.
bool gate_behind_limit(const Circumstances& at, unsigned vector)
{
    if (!in_long_mode(at)) {
        return false;
    }
    const auto place = locate(at.state, at.memory, at.state.idtr.base + sizeof(arch::IdtGate) * vector);
    return place && arch::IdtGate{*at.memory.read_u64(*place), 0}.present();
}

std::string short_idt(const Circumstances& at, unsigned vector)
{
    const unsigned limit = at.state.idtr.limit;
    if (limit == 0) {
        const std::string text = "no IDT is loaded: LIDT has not been executed, or with a limit of 0" + bios_call(at);
        return at.delivering->origin == model::Event::Origin::External
                   ? text + "; interrupts are on (IF = 1) all the same: STI has to wait for LIDT"
                   : text;
    }
    const std::string text =
        fmt::format("the IDT ends before vector {}: LIDT's limit is {} times the number of gates, less 1", vector,
                    in_long_mode(at) ? sizeof(arch::IdtGate) : std::size_t{8});
    return gate_behind_limit(at, vector)
               ? text + fmt::format("; the gate is there, behind the limit {:#x}, which would do for {} gate{}", limit,
                                    (limit + 1) / sizeof(arch::IdtGate),
                                    (limit + 1) / sizeof(arch::IdtGate) == 1 ? "" : "s")
               : text;
}

/// An interrupt from outside with the vector of an exception; "" when it is none.
std::string not_remapped(const Circumstances& at)
{
    constexpr unsigned kExceptions = 32;
    const unsigned vector = at.delivering->vector;
    if (at.delivering->origin != model::Event::Origin::External || vector >= kExceptions) {
        return "";
    }
    return fmt::format("an external interrupt came with vector {}, which is an exception's{}: the interrupt "
                       "controllers have to send theirs as 32 and up. ICW2 of an 8259 sets where its 8 vectors begin, "
                       "and the firmware of a PC leaves 8 in the first",
                       vector, vector == static_cast<unsigned>(arch::Vector::DoubleFault) ? " (#DF)" : "");
}

std::string wrong_code_segment(const Circumstances& at)
{
    const auto right = find_descriptor(at, [](arch::SegmentDescriptor one) {
        return one.present() && one.long_code() && !one.default_size() && one.dpl() == 0;
    });
    return "the gate's selector is not the 64-bit kernel code segment of the GDT that is loaded now" +
           (right ? fmt::format(", GDT[{:#x}]", *right) : ", which has none") +
           ": was the GDT replaced after the IDT was filled?";
}

/// The frame does not fit on the stack that RSP pointed to already.
std::string own_stack(const Circumstances& at)
{
    if (at.fault.reason == Reason::PageSmap) {
        return "RSP still points to ring 3's stack, and an exception in ring 0 pushes its frame there: the entry has "
               "to load RSP before anything can fault";
    }
    const std::string guard = stack_region(at, at.fault.cr2.value_or(0));
    const bool last_resort = at.delivering->vector == static_cast<unsigned>(arch::Vector::DoubleFault);
    return fmt::format("the kernel's own stack cannot take the frame{}: an overflow, or an RSP that was never set{}",
                       guard.empty() ? "" : ", it reached " + guard,
                       last_resort ? "; an IST stack for #DF would let the kernel report it" : "");
}

std::string stack_of_tss(const Circumstances& at)
{
    const DeliveryStack& stack = at.evidence.stack;
    if (stack.top == 0) {
        return fmt::format("{} is 0: it was never written", stack.name);
    }
    switch (at.fault.reason) {
    case Reason::StackNonCanonical:
        return fmt::format("{} is no canonical address: was the TSS filled in?", stack.name);
    case Reason::PageSupervisorWriteToReadOnly:
        return fmt::format("the stack in {} lies in a read-only page", stack.name);
    case Reason::PageSmap: return fmt::format("the stack in {} lies in a page of ring 3", stack.name);
    default: break;
    }
    // An entry that lacks P alone was meant to map a stack; one that is empty never was.
    const auto never_mapped = [](const Exhibit& one) {
        return one.fields.size() == 1 && one.fields.front().decisive && one.fields.front().variation == Variation::None;
    };
    if (std::ranges::any_of(at.evidence.exhibits, never_mapped) && stack.top % arch::kPageSize == 0 &&
        is_mapped(at, stack.top)) {
        return fmt::format("{} holds {}, and memory is mapped from there upwards, not downwards: pushes go down, so it "
                           "has to hold the address behind the stack's end; is this the stack's lowest one?",
                           stack.name, data_address(at, stack.top));
    }
    return fmt::format("the stack in {} is not mapped in the page tables that CR3 holds now: was {} written for this "
                       "thread, and is every kernel stack mapped in every address space?",
                       stack.name, stack.name);
}

} // namespace

std::string delivery_mistake(const Circumstances& at, std::string_view id)
{
    const unsigned vector = at.delivering->vector;
    const auto& exhibits = at.evidence.exhibits;
    if (const std::string remap = not_remapped(at); !remap.empty() && at.state.idtr.limit != 0) {
        return remap;
    }
    if (id == "gate-beyond-idt") {
        return short_idt(at, vector);
    }
    if (!exhibits.empty() && !exhibits.front().fields.empty() && exhibits.front().fields.front().value == "empty") {
        const std::string text = fmt::format("the gate of vector {} was never filled in", vector);
        return has_short_gate(at, vector)
                   ? text + fmt::format("; at IDT+{:#x} there is one of 8 bytes, as 32-bit mode has them: in long mode "
                                        "a gate takes 16",
                                        8 * vector)
                   : text;
    }
    if (id == "gate-dpl") {
        return fmt::format("INT {:#x} from ring 3 needs a gate with DPL 3", vector);
    }
    if (id == "gate-not-present") {
        return fmt::format("the gate of vector {} has everything but P", vector);
    }
    if (id == "gate-type") {
        return "in long mode only type 0xe (interrupt gate) and 0xf (trap gate) exist";
    }
    if (id.starts_with("gate-cs-")) {
        return wrong_code_segment(at);
    }
    if (id == "handler-non-canonical") {
        return "the handler's address was put together wrongly: bits 63:32 stand in the gate's second word";
    }
    const bool reads_tss = at.evidence.stack.from_tss && (id == "tss-stack-beyond-limit" || at.evidence.frame.empty());
    if (at.evidence.stack.from_tss && (model::is_null(at.state.tr.selector) || at.state.tr.base == 0)) {
        return fmt::format("no TSS is loaded: TR holds selector {:#x} and base 0, as at the start; LTR has not been "
                           "executed",
                           at.state.tr.selector);
    }
    if (reads_tss && id == "tss-stack-beyond-limit") {
        return fmt::format("the TSS ends before {}, by the limit {:#x} of the descriptor that LTR loaded: that has to "
                           "be the size of the TSS less 1, {:#x}",
                           at.evidence.stack.name, at.state.tr.limit, sizeof(arch::Tss) - 1);
    }
    if (at.evidence.frame.empty()) {
        return at.fault.cr2 ? "the table is not mapped in the page tables that CR3 holds now" : "";
    }
    return at.evidence.stack.from_tss ? stack_of_tss(at) : own_stack(at);
}

} // namespace ringcheck
