// SPDX-License-Identifier: GPL-2.0-or-later
// The landmarks of a guest's description, as they are reached.
#include "watch/guest_watch.h"

namespace ringcheck {
namespace {

constexpr std::size_t kNameLimit = 256, kMessageLimit = 1024; // bytes

} // namespace

GuestWatch::GuestWatch(GuestDescription& guest, GuestMemory& memory) : guest_(guest), memory_(memory)
{
    move_kernel(std::nullopt);
}

void GuestWatch::set_known(GuestKnowledge known)
{
    known_ = std::move(known);
    move_kernel(known_.moved_by);
}

void GuestWatch::move_kernel(std::optional<std::uint64_t> by)
{
    known_.moved_by = by;
    guest_.move_kernel(by);
    dispatch_ = {guest_.dispatch.begin(), guest_.dispatch.end()};
    lock_functions_.clear();
    for (const auto* const addresses : {&guest_.lock_taken, &guest_.lock_released, &guest_.not_under_lock}) {
        lock_functions_.insert(addresses->begin(), addresses->end());
    }
}

void GuestWatch::add(GuestObserver& observer)
{
    observers_.push_back(&observer);
    if (observer.wants_instructions()) {
        instruction_observers_.push_back(&observer);
    }
}

void GuestWatch::attach(Machine& machine)
{
    machine_ = &machine;
    watch_landmarks();
    machine.set_observer(this);
}

void GuestWatch::watch_landmarks()
{
    const auto watch = [this](const auto& landmark) {
        if (landmark) {
            machine_->watch_address(arch::VirtAddr{landmark->address});
        }
    };
    watch(guest_.process_started);
    watch(guest_.process_forked);
    watch(guest_.process_executed);
    watch(guest_.signal_delivered);
    watch(guest_.call_restarts);
    watch(guest_.process_ended);
    watch(guest_.thread_ended);
    watch(guest_.panic);
    watch(guest_.kernel_moves);
    for (const auto* const addresses : {&dispatch_, &lock_functions_}) {
        for (const std::uint64_t address : *addresses) {
            machine_->watch_address(arch::VirtAddr{address});
        }
    }
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
    const auto at = [&state](const auto& landmark) { return landmark && landmark->address == state.rip; };
    if (at(guest_.process_started)) {
        process_started(count, state);
    } else if (at(guest_.process_forked)) {
        process_forked(count, state);
    } else if (at(guest_.process_executed)) {
        process_executed(count, state);
    } else if (at(guest_.signal_delivered)) {
        const SignalDeliveredLandmark& landmark = *guest_.signal_delivered;
        for (GuestObserver* const observer : observers_) {
            observer->on_signal_delivered({state[landmark.signal], state[landmark.result], state[landmark.handler]},
                                          state);
        }
    } else if (at(guest_.call_restarts)) {
        for (GuestObserver* const observer : observers_) {
            observer->on_call_restarts(state);
        }
    } else if (at(guest_.process_ended)) {
        process_ended(count, state);
    } else if (at(guest_.thread_ended)) {
        for (GuestObserver* const observer : observers_) {
            observer->on_thread_ended(state[guest_.thread_ended->stack]);
        }
    } else if (at(guest_.panic)) {
        panicked(count, state);
    } else if (at(guest_.kernel_moves)) {
        move_kernel(state[guest_.kernel_moves->by]);
        watch_landmarks();
    } else if (dispatch_.contains(state.rip)) {
        for (GuestObserver* const observer : observers_) {
            observer->on_dispatch(count, state);
        }
    }
    if (lock_functions_.contains(state.rip)) {
        for (GuestObserver* const observer : observers_) {
            observer->on_lock_function(count, state);
        }
    }
}

void GuestWatch::on_instruction(std::uint64_t count, const model::CpuState& state)
{
    for (GuestObserver* const observer : instruction_observers_) {
        observer->on_instruction(count, state);
    }
}

void GuestWatch::on_interrupt_accepted(std::uint64_t count, std::uint8_t vector, unsigned ends)
{
    for (GuestObserver* const observer : observers_) {
        observer->on_interrupt_accepted(count, vector, ends);
    }
}

void GuestWatch::on_interrupt_ended(std::uint64_t count, std::optional<std::uint8_t> vector)
{
    for (GuestObserver* const observer : observers_) {
        observer->on_interrupt_ended(count, vector);
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

Program GuestWatch::read_program(const ProcessStartedLandmark& landmark, const model::CpuState& state)
{
    const arch::VirtAddr name{state[landmark.name]};
    Places places;
    for (std::size_t i = 0; landmark.places && i < guest_.place_count(); ++i) {
        const std::uint64_t word = state[*landmark.places] + i * sizeof(std::uint64_t);
        places.words.at(i) = memory_.read_u64(state, arch::VirtAddr{word}).value_or(0);
    }
    return guest_.program(memory_.read_text(state, name, kNameLimit).value_or("?"), places);
}

Process GuestWatch::begin_process(const ProcessStartedLandmark& landmark, const model::CpuState& state)
{
    return known_.processes.started(state[landmark.id], read_program(landmark, state), state[landmark.page_tables]);
}

void GuestWatch::process_started(std::uint64_t count, const model::CpuState& state)
{
    const Process process = begin_process(*guest_.process_started, state);
    for (GuestObserver* const observer : observers_) {
        observer->on_process_started(count, process, state);
    }
}

void GuestWatch::process_forked(std::uint64_t count, const model::CpuState& state)
{
    const Process process = begin_process(*guest_.process_forked, state);
    for (GuestObserver* const observer : observers_) {
        observer->on_process_forked(count, process, state);
    }
}

void GuestWatch::process_executed(std::uint64_t count, const model::CpuState& state)
{
    const ProcessStartedLandmark& landmark = *guest_.process_executed;
    Process* const process = known_.processes.find(state[landmark.id]);
    if (process == nullptr) {
        return;
    }
    const Process old = *process;
    process->become(read_program(landmark, state), state[landmark.page_tables]);
    const Process now = *process;
    for (GuestObserver* const observer : observers_) {
        observer->on_process_executed(count, old, now, state);
    }
}

void GuestWatch::process_ended(std::uint64_t count, const model::CpuState& state)
{
    const ProcessEndedLandmark& landmark = *guest_.process_ended;
    const std::uint64_t status = state[landmark.status];
    const Process* const ended =
        known_.processes.ended(state[landmark.id], landmark.wait_encoding ? status : (status & 0xff) << 8);
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
    const PanicLandmark& landmark = *guest_.panic;
    const auto message = landmark.message_pointer ? std::optional(state[*landmark.message_pointer]) : landmark.message;
    known_.panic = message ? memory_.read_text(state, arch::VirtAddr{*message}, kMessageLimit).value_or("") : "";
    for (GuestObserver* const observer : observers_) {
        observer->on_panic(count, *known_.panic, state);
    }
}

} // namespace ringcheck
