// SPDX-License-Identifier: GPL-2.0-or-later
#include "machine/cpu.h"

#include "arch/exception.h"
#include "machine/armed_breakpoints.h"
#include "machine/fault_chain.h"

#include <fmt/format.h>

namespace ringcheck {
namespace {

using model::CpuState;
using model::Event;
using model::Fault;

/// Everything a decode of instruction bytes depends on.
bool same_translation(const CpuState& left, const CpuState& right)
{
    return left.cr0 == right.cr0 && left.cr3 == right.cr3 && left.cr4 == right.cr4 && left.efer == right.efer &&
           left.cs.long_code() == right.cs.long_code();
}

/// What was to be delivered.
std::string name_of(const Event& event)
{
    switch (event.origin) {
    case Event::Origin::Software: return fmt::format("INT {:#x}", event.vector);
    case Event::Origin::PrivilegedSoftware: return "INT1";
    case Event::Origin::External: return fmt::format("the interrupt with vector {}", event.vector);
    case Event::Origin::Nmi: return "the NMI";
    case Event::Origin::Exception: break;
    }
    return fmt::format("{} {}", arch::mnemonic(event.vector), event.vector);
}

} // namespace

RunEnd unmodelled(const CpuState& state, std::string_view what)
{
    return {EndKind::Unmodelled, 0, fmt::format("{} at {:#x}", what, state.rip), {}};
}

Cpu::Cpu(model::PhysicalMemory memory, Interception& interception, Board& board)
    : memory_(memory), interception_(interception), board_(board)
{
}

std::expected<void, std::string> Cpu::open(std::span<std::byte> ram, const MachineConfig& config)
{
    auto engine = Engine::open(ram, interception_, config.mode, config.offered().smap);
    if (!engine) {
        return std::unexpected(engine.error());
    }
    engine_ = std::move(*engine);
    engine_->set_floats({});
    engine_->set_last_x87({});
    if (auto attached = engine_->attach(arch::PhysAddr{arch::local_apic::kDefaultBase}, board_.local_apic());
        !attached) {
        return attached;
    }
    follow_apic_mode();
    return engine_->attach(arch::PhysAddr{arch::io_apic::kBase}, board_.io_apic());
}

void Cpu::set_state(const CpuState& state)
{
    if (state.cr8 != board_.local_apic().cr8()) {
        board_.local_apic().set_cr8(state.cr8);
    }
    engine_->set_state(state);
    engine_->flush_tlb();
    interception_.set_translation(state);
    follow_breakpoints(state);
}

void Cpu::restored()
{
    interception_.set_translation(state());
    follow_breakpoints(state());
    follow_apic_mode();
}

void Cpu::follow_breakpoints(const CpuState& state)
{
    const ArmedBreakpoints armed = armed_breakpoints(state);
    interception_.set_breakpoints(armed.execution());
    data_breakpoints_ = armed.data;
}

void Cpu::commit(const CpuState& before, const CpuState& after, bool flush_tlb)
{
    engine_->set_state(after);
    if (flush_tlb) {
        engine_->flush_tlb();
    }
    if (flush_tlb || !same_translation(before, after)) {
        interception_.set_translation(after);
    }
    if (!same_breakpoints(before, after)) {
        follow_breakpoints(after);
    }
}

void Cpu::follow(const CpuState& before, const CpuState& after)
{
    if (!same_translation(before, after)) {
        interception_.set_translation(after);
    }
}

void Cpu::follow_apic_mode()
{
    constexpr arch::PhysAddr kPage{arch::local_apic::kDefaultBase};
    LocalApic& apic = board_.local_apic();
    if (apic.in_memory() && !apic_attached_) {
        engine_->attach(kPage, apic).value(); // it was accepted before
    } else if (!apic.in_memory() && apic_attached_) {
        engine_->detach(kPage);
    }
    apic_attached_ = apic.in_memory();
}

void Cpu::tell(const Transition& transition)
{
    if (transition.after.cpl == 3) {
        board_.progress();
    }
    if (observer_ != nullptr) {
        observer_->on_transition(transition);
    }
}

std::optional<RunEnd> Cpu::deliver(const CpuState& before, const Event& event, TransitionKind kind)
{
    if (observer_ != nullptr) {
        observer_->on_event(interception_.count(), before, event);
    }
    const model::Delivery delivery = model::deliver(before, memory_, event);
    const model::DeliveryAttempt& last = delivery.attempts().back();
    if (delivery.shutdown()) {
        RunEnd end{EndKind::Shutdown, 0, "", fault_chain(delivery)};
        end.text = fmt::format("triple fault at {:#x}: {}", before.rip, describe(end.faults));
        return end;
    }
    if (!delivery.state) {
        return unmodelled(before,
                          fmt::format("{} ({})", name_of(event), model::describe(last.failed->reason).statement));
    }
    // When the delivery faulted on its way, what was delivered in the end is that exception.
    const bool replaced = delivery.attempts().size() > 1;
    commit(before, *delivery.state);
    tell({interception_.count(), replaced ? TransitionKind::Exception : kind, last.event.vector, last.event.error_code,
          before, *delivery.state});
    return std::nullopt;
}

std::optional<RunEnd> Cpu::cannot_raise(const CpuState& before, const Fault& fault)
{
    if (!model::outside_the_model(fault.reason)) {
        return std::nullopt;
    }
    std::string what = model::describe(fault.reason).statement;
    if (fault.reason == model::Reason::MsrUnmodelled) {
        what += fmt::format(": MSR {:#x}", static_cast<std::uint32_t>(before[model::Gpr::Rcx]));
    }
    board_.report_unmodelled(what);
    return unmodelled(before, what);
}

} // namespace ringcheck
