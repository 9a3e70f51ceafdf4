// SPDX-License-Identifier: GPL-2.0-or-later
#include "explain/explainer.h"

#include "arch/exception.h"
#include "arch/msr.h"
#include "arch/paging.h"
#include "explain/evidence.h"
#include "explain/likely_mistake.h"
#include "explain/remedy.h"
#include "model/reason.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace ringcheck {
namespace {

using model::AccessKind;
using model::CpuState;
using model::Event;
using model::Fault;
using model::PhysicalMemory;

constexpr auto kDoubleFault = static_cast<std::uint8_t>(arch::Vector::DoubleFault);

std::string name_of(unsigned vector)
{
    const std::string name = arch::mnemonic(vector);
    return name.empty() ? fmt::format("vector {}", vector) : name;
}

/// The bits of a #PF's error code, in words.  [SDM 3A "Page-Fault Exceptions"]
std::string page_fault_bits(std::uint32_t error)
{
    namespace code = arch::page_fault;
    const char* const kind = (error & code::kFetch) != 0 ? "fetch" : (error & code::kWrite) != 0 ? "write" : "read";
    const char* const why = (error & code::kReserved) != 0     ? "reserved bit"
                            : (error & code::kProtection) != 0 ? "protection"
                                                               : "not present";
    return fmt::format("{}, {}, {}", kind, (error & code::kUser) != 0 ? "user" : "supervisor", why);
}

/// What a selector error code names.  [SDM 3A "Error Code"]
std::string selector_bits(std::uint32_t error)
{
    namespace code = arch::selector_error;
    if ((error & ~code::kExternal) == 0) {
        return "";
    }
    const std::string external = (error & code::kExternal) != 0 ? ", during an event" : "";
    if ((error & code::kIdt) != 0) {
        return fmt::format("IDT gate {}{}", error >> 3, external);
    }
    return fmt::format("{} selector {:#x}{}", (error & code::kLdt) != 0 ? "LDT" : "GDT", error & 0xfff8, external);
}

std::string describe_fault(std::uint8_t vector, std::optional<std::uint32_t> error)
{
    std::string text = name_of(vector);
    if (!error) {
        return text;
    }
    text += fmt::format(" error {:#x}", *error);
    const std::string bits =
        vector == static_cast<std::uint8_t>(arch::Vector::PageFault) ? page_fault_bits(*error) : selector_bits(*error);
    return bits.empty() ? text : fmt::format("{} ({})", text, bits);
}

std::string describe_event(const Event& event)
{
    switch (event.origin) {
    case Event::Origin::External: return fmt::format("external interrupt, vector {}", event.vector);
    case Event::Origin::Nmi: return "NMI";
    case Event::Origin::Software: return fmt::format("INT {:#x}", event.vector);
    case Event::Origin::PrivilegedSoftware: return "INT1";
    case Event::Origin::Exception: break;
    }
    return describe_fault(event.vector, event.error_code);
}

const char* kind_of(const Event& event)
{
    switch (event.origin) {
    case Event::Origin::External: return "interrupt";
    case Event::Origin::Nmi: return "NMI";
    case Event::Origin::Software:
    case Event::Origin::PrivilegedSoftware: return "INT n";
    case Event::Origin::Exception: break;
    }
    return "exception";
}

/// Whether the first attempt to deliver `event` still fails.
Question ask_delivery(const Event& event)
{
    return [event](const CpuState& state, const PhysicalMemory& memory) -> std::optional<Fault> {
        return deliver(state, memory, event).attempts().front().failed;
    };
}

/// STAR as SYSRET used it.
Exhibit star_exhibit(const History::Return& sysret)
{
    return {"STAR",
            "",
            fmt::format("{:#018x}", sysret.star),
            {{"SYSRET base", fmt::format("{:#x}", arch::star::kSysretBase.get(sysret.star)), true},
             {"CS", fmt::format("{:#x}", sysret.cs)},
             {"SS", fmt::format("{:#x}", sysret.ss)}}};
}

/// The delivery failed because the IDT holds nothing for its vector.
bool lacks_gate(const Cause& cause)
{
    const auto& exhibits = cause.exhibits;
    return cause.fault.reason == model::Reason::GateBeyondIdt ||
           (std::string_view(model::describe(cause.fault.reason).id).starts_with("gate-") && !exhibits.empty() &&
            !exhibits.front().fields.empty() && exhibits.front().fields.front().value == "empty");
}

/// RCX of the last SYSCALL, when the SYSRET that followed went elsewhere.
std::optional<KeptValue> lost_return_address(const History& history)
{
    const auto& call = history.last_call;
    const auto& back = history.last_return;
    const bool strayed =
        call && back->kind == TransitionKind::Sysret && call->rcx != back->rip && call->cr3 == back->cr3;
    return strayed ? std::optional(KeptValue{call->rcx, call->count + 1, back->count}) : std::nullopt;
}

/// What all began with, unless that was an event that a kernel has to expect and the failure is its delivery.
/// @param expected  an exception of ring 3 that may be the program's own business
std::size_t find_culprit(const std::vector<Cause>& chain, bool expected)
{
    if (chain.size() < 2 || (chain.front().failed() && (!expected || lacks_gate(chain[1])))) {
        return 0;
    }
    return 1;
}

} // namespace

std::string Explainer::place(const CpuState& state, const Program& program) const
{
    return fmt::format("{} in ring {}, stack {}", symbols_.code(state.rip, state.cpl, program), state.cpl,
                       symbols_.stack(state[model::Gpr::Rsp], program));
}

std::string Explainer::address(std::uint64_t value, const Program& program) const
{
    const std::string name = symbols_.stack(value, program);
    const std::string number = fmt::format("{:#x}", value);
    return name == number ? number : fmt::format("{} ({})", number, name);
}

std::string Explainer::describe(const MemoryAccess& access, const Program& program) const
{
    const char* const kind = access.access.kind == AccessKind::Fetch   ? "fetch from"
                             : access.access.kind == AccessKind::Write ? "write to"
                                                                       : "read of";
    const char* const rights = access.access.implicit_supervisor ? "by the CPU itself, for a table"
                               : access.access.user              ? "with ring 3's rights"
                                                                 : "with ring 0's rights";
    return fmt::format("{} {} {}", kind, address(access.address, program), rights);
}

Explanation Explainer::begin(std::uint64_t count, const CpuState& before, const Program& program,
                             const InstructionAt& instruction) const
{
    Explanation explanation;
    explanation.count = count;
    explanation.rip = before.rip;
    explanation.cpl = before.cpl;
    explanation.program = program;
    explanation.symbol = symbols_.code(before.rip, before.cpl, program);
    explanation.instruction = instruction.text.text;
    explanation.stack = address(before[model::Gpr::Rsp], program);
    return explanation;
}

Explanation Explainer::event(std::uint64_t count, const CpuState& before, const Event& event, const Program& program,
                             const History& history) const
{
    model::WriteJournal journal;
    const PhysicalMemory memory = memory_.journaled(journal);
    CpuState origin = before;
    if (event.origin == Event::Origin::Software || event.origin == Event::Origin::PrivilegedSoftware) {
        origin.rip = event.instruction_rip;
    }
    const InstructionAt instruction = instruction_at(origin, memory);
    Explanation explanation = begin(count, origin, program, instruction);
    explanation.kind = kind_of(event);

    const auto finish = [&](Cause& cause, const Evidence& evidence, const Question& again, const Event* delivering) {
        cause.doing = evidence.doing;
        cause.access = evidence.access ? describe(*evidence.access, program) : "";
        cause.exhibits = evidence.exhibits;
        cause.frame = evidence.frame;
        // With a gate that stays in ring 3 no TSS would be read: nobody wants that.
        const bool no_stack = cause.fault.reason == model::Reason::TssStackBeyondLimit;
        if (again && !no_stack) {
            cause.remedies = find_remedies(evidence.exhibits, again, origin, memory_);
        }
        if (again && cause.remedies.empty() && history.last_sysret && delivering == nullptr) {
            cause.remedies = find_star_remedies(*history.last_sysret, evidence.frame, again, origin, memory_);
            if (!cause.remedies.empty()) {
                cause.exhibits.push_back(star_exhibit(*history.last_sysret));
            }
        }
        cause.likely = likely_mistake(
            {origin, memory, vendor_, symbols_, program, history, instruction, cause.fault, evidence, delivering});
        journal.undo();
    };

    Cause first;
    first.event = describe_event(event);
    first.fault = {event.vector, event.error_code, event.cr2};
    if (event.origin == Event::Origin::Exception) {
        const Finding finding = find_reason(origin, event, instruction, memory, vendor_, features_);
        journal.undo();
        first.fault = finding.fault;
        finish(first, instruction_evidence(origin, memory, finding, instruction), finding.again, nullptr);
    } else {
        const bool by_instruction =
            event.origin == Event::Origin::Software || event.origin == Event::Origin::PrivilegedSoftware;
        first.doing = by_instruction ? "executing the instruction" : "at an instruction boundary";
    }
    explanation.chain.push_back(std::move(first));

    std::vector<std::uint8_t> without_gate;
    const model::Delivery delivery = deliver(before, memory, event);
    journal.undo();
    for (const model::DeliveryAttempt& attempt : delivery.attempts()) {
        if (!attempt.failed) {
            Cause& last = explanation.chain.back();
            if (!last.failed()) { // an interrupt or INT n: its gate and stack are all there is to show
                const Evidence evidence = delivery_evidence(before, memory, attempt.event, nullptr);
                last.exhibits = evidence.exhibits;
                last.frame = evidence.frame;
                journal.undo();
            }
            continue;
        }
        Cause cause;
        cause.event = describe_fault(attempt.failed->vector, attempt.failed->error_code);
        cause.fault = *attempt.failed;
        Evidence evidence = delivery_evidence(before, memory, attempt.event, &*attempt.failed);
        const bool exception = attempt.event.origin == Event::Origin::Exception;
        evidence.doing =
            fmt::format("delivering {}: {}", exception ? name_of(attempt.event.vector) : describe_event(attempt.event),
                        evidence.doing);
        finish(cause, evidence, ask_delivery(attempt.event), &attempt.event);
        if (lacks_gate(cause)) {
            without_gate.push_back(attempt.event.vector);
        }
        const bool last = &attempt == &delivery.attempts().back();
        const bool double_fault = !last && (&attempt)[1].event.vector == kDoubleFault;
        cause.becomes = double_fault ? "#DF" : last && delivery.shutdown() ? "shutdown" : "";
        explanation.chain.push_back(std::move(cause));
    }
    const bool first_instruction = history.last_return && history.last_return->rip == before.rip && before.cpl == 3;
    explanation.culprit = find_culprit(explanation.chain, before.cpl == 3 && !first_instruction);
    explanation.missing_gates = std::move(without_gate);
    if (explanation.culprit != 0 && lacks_gate(explanation.chain[explanation.culprit])) {
        explanation.missing_gates.clear(); // said already
    }
    if (first_instruction) {
        explanation.kept = lost_return_address(history);
    }
    explanation.outcome = delivery.state        ? Explanation::Outcome::Entered
                          : delivery.shutdown() ? Explanation::Outcome::Shutdown
                                                : Explanation::Outcome::Unmodelled;
    if (delivery.state) {
        const Event& delivered = delivery.attempts().back().event;
        explanation.entered =
            fmt::format("the handler of {}: {}", name_of(delivered.vector), place(*delivery.state, program));
    }
    return explanation;
}

bool Explainer::fails(const CpuState& before, const Event& event) const
{
    model::WriteJournal journal;
    const bool failed = deliver(before, memory_.journaled(journal), event).attempts().front().failed.has_value();
    journal.undo();
    return failed;
}

Explanation Explainer::transition(const Transition& transition, const Program& program) const
{
    model::WriteJournal journal;
    const PhysicalMemory memory = memory_.journaled(journal);
    Explanation explanation =
        begin(transition.count, transition.before, program, instruction_at(transition.before, memory));
    explanation.kind = to_string(transition.kind);
    const Evidence evidence = transition_evidence(transition, memory);
    journal.undo();
    Cause cause;
    cause.event = explanation.kind;
    cause.doing = evidence.doing;
    cause.exhibits = evidence.exhibits;
    cause.frame = evidence.frame;
    explanation.chain.push_back(std::move(cause));
    explanation.entered = place(transition.after, program);
    return explanation;
}

} // namespace ringcheck
