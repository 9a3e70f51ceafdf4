// SPDX-License-Identifier: GPL-2.0-or-later
// Turns the machine's events into the guest's: a process started, a handler was reached, the kernel panicked.
#pragma once

#include "guest/guest_description.h"
#include "machine/machine.h"
#include "machine/observer.h"
#include "watch/guest_memory.h"
#include "watch/processes.h"

#include <cstdint>
#include <set>
#include <string>
#include <tuple>
#include <vector>

namespace ringcheck {

/// What a guest tells of a signal that it delivers.
struct DeliveredSignal {
    std::uint64_t number = 0;
    std::uint64_t result = 0; ///< of the call that the thread was in, if it was in one
    std::uint64_t handler = 0;
};

/// Who is told what the guest does.  `state` stands at the first instruction of the landmark function.
class GuestObserver {
public:
    virtual ~GuestObserver() = default;

    /// As Observer::on_event.
    virtual void on_event(std::uint64_t /*count*/, const model::CpuState&, const model::Event&) {}
    virtual void on_transition(const Transition&) {}
    virtual void on_process_started(std::uint64_t /*count*/, const Process&, const model::CpuState&) {}
    /// The running process has a child, whose first entry to ring 3 is its parent's way back.
    virtual void on_process_forked(std::uint64_t /*count*/, const Process&, const model::CpuState&) {}
    /// The running process, `old`, has become `process`: another program on other page tables.
    virtual void on_process_executed(std::uint64_t /*count*/, const Process& /*old*/, const Process& /*process*/,
                                     const model::CpuState&)
    {
    }
    /// The running thread goes on in ring 3 with the handler of a signal.
    virtual void on_signal_delivered(const DeliveredSignal&, const model::CpuState&) {}
    /// The running thread makes its call again.
    virtual void on_call_restarts(const model::CpuState&) {}
    virtual void on_process_ended(std::uint64_t /*count*/, const Process&, const model::CpuState&) {}
    /// A thread will not run again: its kernel stack, named by its top, is nobody's.
    virtual void on_thread_ended(std::uint64_t /*stack_top*/) {}
    /// A high-level handler of an entry to ring 0 is about to run.
    virtual void on_dispatch(std::uint64_t /*count*/, const model::CpuState&) {}
    /// A function that the description's lock_taken, lock_released or not_under_lock names is about to run.
    virtual void on_lock_function(std::uint64_t /*count*/, const model::CpuState&) {}
    virtual void on_panic(std::uint64_t /*count*/, const std::string& /*message*/, const model::CpuState&) {}
    /// These four as Observer has them.
    virtual bool wants_instructions() const { return false; }
    virtual void on_instruction(std::uint64_t /*count*/, const model::CpuState&) {}
    virtual void on_interrupt_accepted(std::uint64_t /*count*/, std::uint8_t /*vector*/, unsigned /*ends*/) {}
    virtual void on_interrupt_ended(std::uint64_t /*count*/, std::optional<std::uint8_t> /*vector*/) {}
    virtual void on_console(char) {}
    virtual void on_unmodelled(std::uint64_t /*count*/, std::string_view /*what*/) {}
};

/// The transition is how a guest with that convention is asked for something.
inline bool is_system_call(const SyscallConvention& convention, const Transition& transition)
{
    return convention.vector ? transition.kind == TransitionKind::SoftwareInterrupt &&
                                   transition.vector == convention.vector && transition.before.cpl == 3
                             : transition.kind == TransitionKind::Syscall;
}

/// What is known of a guest from what it did so far.
struct GuestKnowledge {
    Processes processes;
    std::optional<std::string> panic;      ///< it called its panic landmark; the message
    std::optional<std::uint64_t> moved_by; ///< as GuestDescription has it

    /// What a snapshot keeps of it (machine/saved_fields.h).
    auto saved_fields(this auto& self) { return std::tie(self.processes, self.panic, self.moved_by); }
};

class GuestWatch final : public Observer {
public:
    /// @param guest  is kept up to date: its addresses move when the kernel does
    GuestWatch(GuestDescription& guest, GuestMemory& memory);

    /// Observers are told in the order of their addition, after processes() is up to date.
    void add(GuestObserver& observer);
    /// Becomes the machine's observer and watches the landmarks.
    void attach(Machine& machine);
    const Processes& processes() const { return known_.processes; }
    /// The guest called its panic landmark; its message.
    const std::optional<std::string>& panic() const { return known_.panic; }

    const GuestKnowledge& known() const { return known_; }
    /// Of the state that the machine has now.  Before attach().
    void set_known(GuestKnowledge known);

    void on_event(std::uint64_t count, const model::CpuState& before, const model::Event& event) override;
    void on_transition(const Transition& transition) override;
    void on_address(std::uint64_t count, const model::CpuState& state) override;
    bool wants_instructions() const override { return !instruction_observers_.empty(); }
    void on_instruction(std::uint64_t count, const model::CpuState& state) override;
    void on_interrupt_accepted(std::uint64_t count, std::uint8_t vector, unsigned ends) override;
    void on_interrupt_ended(std::uint64_t count, std::optional<std::uint8_t> vector) override;
    void on_console(char character) override;
    void on_unmodelled(std::uint64_t count, std::string_view what) override;

private:
    Program read_program(const ProcessStartedLandmark& landmark, const model::CpuState& state);
    Process begin_process(const ProcessStartedLandmark& landmark, const model::CpuState& state);
    void process_started(std::uint64_t count, const model::CpuState& state);
    void process_forked(std::uint64_t count, const model::CpuState& state);
    void process_executed(std::uint64_t count, const model::CpuState& state);
    void process_ended(std::uint64_t count, const model::CpuState& state);
    void panicked(std::uint64_t count, const model::CpuState& state);
    void move_kernel(std::optional<std::uint64_t> by);
    void watch_landmarks();

    GuestDescription& guest_;
    GuestMemory& memory_;
    Machine* machine_ = nullptr;
    GuestKnowledge known_;
    std::vector<GuestObserver*> observers_, instruction_observers_;
    std::set<std::uint64_t> dispatch_, lock_functions_;
};

} // namespace ringcheck
