// SPDX-License-Identifier: GPL-2.0-or-later
// Delivery through the IDT: gate, code segment, stack slot, frame, in the order in which the CPU reads them.
// [SDM 3A "Exception and Interrupt Handling in 64-bit Mode"]
#include "arch/control_registers.h"
#include "arch/idt_gate.h"
#include "arch/tss.h"
#include "explain/evidence.h"
#include "model/descriptor_table.h"
#include "model/memory_access.h"

#include <fmt/format.h>

namespace ringcheck {
namespace {

using arch::IdtGate;
using model::AccessKind;
using model::CpuState;
using model::Event;
using model::Fault;
using model::Gpr;
using model::PhysicalMemory;
using model::Reason;

constexpr std::uint64_t kWord = sizeof(std::uint64_t);

/// What the gate leads to, as far as it can be read.
struct Way {
    std::optional<IdtGate> gate;
    std::optional<arch::SegmentDescriptor> code;
    unsigned new_cpl = 0;
};

Way find_way(const CpuState& state, const PhysicalMemory& memory, unsigned vector)
{
    Way way;
    const std::uint64_t offset = sizeof(IdtGate) * vector;
    const bool long_mode = (state.efer & arch::efer::kLongModeActive) != 0;
    if (!long_mode || offset + sizeof(IdtGate) - 1 > state.idtr.limit) {
        return way;
    }
    if (const auto gate =
            model::read_word<IdtGate>(state, memory, state.idtr.base + offset, model::by_cpu(AccessKind::Read))) {
        way.gate = *gate;
        const auto code = model::read_descriptor(state, memory, gate->selector());
        if (code && *code) {
            way.code = **code;
            way.new_cpl = (*code)->conforming() ? state.cpl : static_cast<unsigned>((*code)->dpl());
        }
    }
    return way;
}

DeliveryStack find_stack(const CpuState& state, const PhysicalMemory& memory, const Way& way)
{
    DeliveryStack stack;
    stack.ist = way.gate ? way.gate->ist() : 0;
    stack.from_tss = stack.ist != 0 || way.new_cpl != state.cpl;
    stack.known = way.gate && way.code;
    stack.name = !stack.from_tss  ? "RSP"
                 : stack.ist != 0 ? fmt::format("TSS.IST{}", stack.ist)
                                  : fmt::format("TSS.RSP{}", way.new_cpl);
    std::uint64_t top = state[Gpr::Rsp];
    if (stack.from_tss) {
        const std::uint64_t offset = stack.ist != 0 ? offsetof(arch::Tss, ist) + kWord * (stack.ist - 1)
                                                    : offsetof(arch::Tss, rsp) + kWord * way.new_cpl;
        const auto slot = offset + kWord - 1 > state.tr.limit
                              ? std::unexpected(Fault{})
                              : model::read_word<std::uint64_t>(state, memory, state.tr.base + offset,
                                                                model::by_cpu(AccessKind::Read));
        stack.known &= slot.has_value();
        top = slot.value_or(0);
    }
    stack.top = top & ~std::uint64_t{15}; // [SDM 3A "64-Bit Mode Stack Frame"]
    return stack;
}

/// RFLAGS as it is pushed.  [SDM 3B "Instruction-Breakpoint Exception Condition"]
std::uint64_t pushed_flags(const CpuState& state, const Event& event)
{
    using arch::rflags::kResume;
    const bool fault =
        event.origin == Event::Origin::Exception && arch::exception_kind(event.vector) == arch::ExceptionKind::Fault;
    const bool software = event.origin == Event::Origin::Software || event.origin == Event::Origin::PrivilegedSoftware;
    return fault || event.between_iterations ? state.rflags | kResume
           : software                        ? state.rflags & ~kResume
                                             : state.rflags;
}

std::vector<FrameWord> frame_of(const CpuState& state, const Event& event, std::uint64_t top)
{
    std::vector<FrameWord> frame{{"SS", 0, state.ss.selector},
                                 {"RSP", 0, state[Gpr::Rsp]},
                                 {"RFLAGS", 0, pushed_flags(state, event)},
                                 {"CS", 0, state.cs.selector},
                                 {"RIP", 0, event.return_rip}};
    if (event.error_code) {
        frame.push_back({"error code", 0, *event.error_code});
    }
    for (FrameWord& word : frame) {
        top -= kWord;
        word.address = top;
    }
    return frame;
}

/// What the rule did not fail on stays as it is: another gate type or segment would run another handler.  Another IST
/// is an answer for the vectors that are given one, and for a gate that has one.
void keep_fixed(std::vector<Exhibit>& exhibits, unsigned vector)
{
    constexpr auto of = [](arch::Vector one) { return static_cast<unsigned>(one); };
    const bool has_own_stack = vector == of(arch::Vector::Nmi) || vector == of(arch::Vector::DoubleFault) ||
                               vector == of(arch::Vector::MachineCheck);
    for (Exhibit& one : exhibits) {
        for (Field& field : one.fields) {
            const bool ist = field.name == "IST" && (has_own_stack || field.value != "0");
            if (!field.decisive && !ist) {
                field.variation = Variation::None;
            }
        }
    }
}

bool within(std::uint64_t address, std::uint64_t begin, std::uint64_t bytes)
{
    return address - begin < bytes;
}

} // namespace

Evidence delivery_evidence(const CpuState& state, const PhysicalMemory& memory, const Event& event, const Fault* fault)
{
    const Way way = find_way(state, memory, event.vector);
    Evidence evidence;
    evidence.stack = find_stack(state, memory, way);
    evidence.exhibits.push_back(idt_gate(state, memory, event.vector));
    const Reason reason = fault == nullptr ? Reason::None : fault->reason;
    const std::string_view id = model::describe(reason).id;
    const bool about_gate = id.starts_with("gate-") && !id.starts_with("gate-cs-");
    const bool refused_page = fault != nullptr && fault->cr2.has_value();
    const std::uint64_t gate_address = state.idtr.base + sizeof(IdtGate) * event.vector;
    const auto walk_for = [&](std::uint64_t address, model::Access access) {
        evidence.access = MemoryAccess{address, access, true, false};
        for (Exhibit& one : page_walk(state, memory, *evidence.access, reason)) {
            evidence.exhibits.push_back(std::move(one));
        }
    };

    if (refused_page && within(*fault->cr2, gate_address, sizeof(IdtGate))) {
        evidence.doing = "reading the gate";
        walk_for(*fault->cr2, model::by_cpu(AccessKind::Read));
        return evidence;
    }
    if (about_gate || !way.gate) {
        evidence.doing = "looking at the gate";
        mark(evidence.exhibits, reason);
        if (reason == Reason::GateDpl) {
            evidence.exhibits.push_back({"CPL", "", fmt::format("{}", state.cpl), {}});
        }
        return evidence;
    }
    if (reason == Reason::HandlerNonCanonical) {
        evidence.doing = "taking the handler's address from the gate";
        mark(evidence.exhibits, reason);
        return evidence;
    }

    const std::uint16_t code = way.gate->selector();
    if (!model::is_null(code)) {
        evidence.exhibits.push_back(descriptor(state, memory, code));
    }
    if (id.starts_with("gate-cs-")) {
        evidence.doing = "looking at the gate's code segment";
        std::vector<Exhibit> segment;
        if (evidence.exhibits.size() > 1) { // the gate has P and DPL too, and they are not meant
            segment.push_back(std::move(evidence.exhibits.back()));
            evidence.exhibits.pop_back();
            mark(segment, reason);
            evidence.exhibits.push_back(std::move(segment.front()));
        } else {
            mark(evidence.exhibits, reason);
        }
        return evidence;
    }
    const bool in_descriptor_table = refused_page && within(*fault->cr2, state.gdtr.base, state.gdtr.limit + 1u);
    if (in_descriptor_table &&
        !(evidence.stack.known && *fault->cr2 < evidence.stack.top && *fault->cr2 + 6 * kWord >= evidence.stack.top)) {
        evidence.doing = "reading the code segment's descriptor";
        walk_for(*fault->cr2, model::by_cpu(AccessKind::Read));
        return evidence;
    }
    if (evidence.stack.from_tss) {
        evidence.exhibits.push_back(tss_stack(state, memory, evidence.stack.ist, way.new_cpl));
    }
    if (reason == Reason::TssStackBeyondLimit) {
        evidence.doing = fmt::format("reading {}", evidence.stack.name);
        return evidence;
    }
    if (refused_page && evidence.stack.from_tss && within(*fault->cr2, state.tr.base, state.tr.limit + 1ull)) {
        evidence.doing = fmt::format("reading {}", evidence.stack.name);
        keep_fixed(evidence.exhibits, event.vector);
        walk_for(*fault->cr2, model::by_cpu(AccessKind::Read));
        return evidence;
    }
    evidence.frame = frame_of(state, event, evidence.stack.top);
    keep_fixed(evidence.exhibits, event.vector);
    if (reason == Reason::StackNonCanonical) {
        evidence.doing = fmt::format("pushing the frame on the stack of {}", evidence.stack.name);
        if (Field* const top = evidence.exhibits.back().find("stack")) {
            top->decisive = true;
            top->variation = Variation::UpperBits;
        } else {
            Exhibit rsp{"RSP", "", fmt::format("{:#x}", state[Gpr::Rsp]), {}};
            rsp.fields.push_back(address_field("stack", state[Gpr::Rsp], Gpr::Rsp));
            rsp.fields.back().decisive = true;
            evidence.exhibits.push_back(rsp);
        }
        evidence.frame.front().refused = true;
    } else if (refused_page) {
        evidence.doing = fmt::format("pushing the frame on the stack of {}", evidence.stack.name);
        for (FrameWord& word : evidence.frame) {
            word.refused = word.address == *fault->cr2;
        }
        walk_for(*fault->cr2, model::Access{AccessKind::Write, way.new_cpl == 3, false});
    }
    return evidence;
}

} // namespace ringcheck
