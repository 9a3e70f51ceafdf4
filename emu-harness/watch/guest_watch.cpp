// SPDX-License-Identifier: GPL-2.0-or-later
// Landmark functions take their arguments as the psABI says: RDI, RSI, RDX.
// [psABI AMD64 "Parameter Passing"]
#include "watch/guest_watch.h"

namespace ringcheck {
namespace {

constexpr std::size_t kNameLimit = 256, kMessageLimit = 1024; // bytes

} // namespace

GuestWatch::GuestWatch(const GuestDescription& guest, const ElfImage& kernel, GuestMemory& memory)
    : guest_(guest), memory_(memory), started_(kernel.symbol(guest.process_started_symbol)),
      ended_(kernel.symbol(guest.process_ended_symbol)), panic_entry_(kernel.symbol(guest.panic_symbol)),
      panic_message_(kernel.symbol(guest.panic_message_symbol))
{
    for (const std::string& name : guest.dispatch_symbols) {
        if (const auto address = kernel.symbol(name)) {
            dispatch_.insert(*address);
        }
    }
}

void GuestWatch::attach(Machine& machine)
{
    for (const auto& address : {started_, ended_, panic_entry_}) {
        if (address) {
            machine.watch_address(arch::VirtAddr{*address});
        }
    }
    for (const std::uint64_t address : dispatch_) {
        machine.watch_address(arch::VirtAddr{address});
    }
    machine.set_observer(this);
}

void GuestWatch::on_event(std::uint64_t count, const model::CpuState& before, const model::Event& event)
{
    for (GuestObserver* const observer : observers_) {
        observer->on_event(count, before, event);
    }
}

void GuestWatch::on_transition(const Transition& transition)
{
    for (GuestObserver* const observer : observers_) {
        observer->on_transition(transition);
    }
}

void GuestWatch::on_address(std::uint64_t count, const model::CpuState& state)
{
    if (state.rip == started_) {
        process_started(count, state);
    } else if (state.rip == ended_) {
        process_ended(count, state);
    } else if (state.rip == panic_entry_) {
        panicked(count, state);
    } else if (dispatch_.contains(state.rip)) {
        for (GuestObserver* const observer : observers_) {
            observer->on_dispatch(count, state);
        }
    }
}

void GuestWatch::on_console(char character)
{
    for (GuestObserver* const observer : observers_) {
        observer->on_console(character);
    }
}

void GuestWatch::on_unmodelled(std::uint64_t count, std::string_view what)
{
    for (GuestObserver* const observer : observers_) {
        observer->on_unmodelled(count, what);
    }
}

void GuestWatch::process_started(std::uint64_t count, const model::CpuState& state)
{
    const arch::VirtAddr name{state[model::Gpr::Rsi]};
    const Process process = processes_.started(
        state[model::Gpr::Rdi], memory_.read_text(state, name, kNameLimit).value_or("?"), state[model::Gpr::Rdx]);
    for (GuestObserver* const observer : observers_) {
        observer->on_process_started(count, process, state);
    }
}

void GuestWatch::process_ended(std::uint64_t count, const model::CpuState& state)
{
    const Process* const ended = processes_.ended(state[model::Gpr::Rdi], state[model::Gpr::Rsi]);
    if (ended == nullptr) {
        return;
    }
    const Process process = *ended;
    for (GuestObserver* const observer : observers_) {
        observer->on_process_ended(count, process, state);
    }
}

void GuestWatch::panicked(std::uint64_t count, const model::CpuState& state)
{
    const auto text =
        panic_message_
            ? memory_.read_text(state, arch::VirtAddr{*panic_message_} + guest_.panic_message_offset, kMessageLimit)
            : std::nullopt;
    panic_ = text.value_or("");
    for (GuestObserver* const observer : observers_) {
        observer->on_panic(count, *panic_, state);
    }
}

} // namespace ringcheck
