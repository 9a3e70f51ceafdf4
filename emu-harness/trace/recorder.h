// SPDX-License-Identifier: GPL-2.0-or-later
// Turns what one program and its children do into a trace while they run.
#pragma once

#include "trace/process_stream.h"
#include "trace/trace.h"
#include "watch/guest_watch.h"
#include "watch/symbols.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace ringcheck {

class Recorder final : public GuestObserver {
public:
    /// Records the first thread of the first process of that name, and that process's end.  Its other threads come and
    /// go in an order that is the scheduler's.
    Recorder(std::string program, GuestMemory& memory, const Symbols& symbols);
    Recorder(const Recorder&) = delete;
    Recorder& operator=(const Recorder&) = delete;

    /// Its descendants are recorded too, each by itself, from here on.
    void follow_children(bool yes) { follows_children_ = yes; }

    /// Likewise, with the switches of each.  @param processes  all that there are; outlives this object
    void follow_switches(const Processes& processes) { processes_ = &processes; }

    /// What the program has done so far, without its children.
    const Trace& trace() const { return trace_; }
    /// Likewise, with a section for each child that is followed; it can be written down when complete().
    Trace whole_trace() const;
    /// The program has ended, and so has each child that is followed.
    bool complete() const;
    /// The guest announced a process of that name.
    bool started() const { return own_.has_value(); }
    /// nullptr before that
    const Process* process() const { return own_ ? &own_->process() : nullptr; }
    /// It has come to ring 3.
    bool entered() const { return own_ && own_->entered(); }
    /// Its first thread is in ring 3.
    bool is_in_program(const model::CpuState& state) const { return own_ && state.cpl == 3 && own_->is_running(state); }
    /// It has come to the program, whose first thread is about to execute the instruction there.
    void came_from_outside(const InjectEvent& event) { own_->append(event); }

    void on_transition(const Transition& transition) override;
    void on_process_started(std::uint64_t count, const Process& process, const model::CpuState& state) override;
    void on_process_forked(std::uint64_t count, const Process& process, const model::CpuState& state) override;
    void on_process_executed(std::uint64_t count, const Process& old, const Process& process,
                             const model::CpuState& state) override;
    void on_signal_delivered(const DeliveredSignal& signal, const model::CpuState& state) override;
    void on_call_restarts(const model::CpuState& state) override;
    void on_process_ended(std::uint64_t count, const Process& process, const model::CpuState& state) override;

private:
    template <typename Visit> void each_stream(Visit visit);
    void switched(const Transition& transition);
    NamedAddress name_tables(const model::CpuState& state) const;

    struct Child {
        Child(const Process& process, std::uint64_t traced, GuestMemory& memory, const Symbols& symbols)
            : stream(process, traced, events, memory, symbols)
        {
        }
        std::vector<Event> events;
        ProcessStream stream;
    };

    GuestMemory& memory_;
    const Symbols& symbols_;
    Trace trace_;
    bool follows_children_ = false;
    const Processes* processes_ = nullptr;    ///< nullptr: switches are not followed
    std::optional<ProcessStream> own_;        ///< the program's
    std::map<std::uint64_t, Child> children_; ///< by their numbers
};

/// The call that `state`, at a SYSCALL instruction, of the process `traced` is about to make; its result is NoResult or
/// UnknownResult.
SyscallEvent decode_syscall(const model::CpuState& state, GuestMemory& memory, const Symbols& symbols,
                            const Process& traced);

/// The result of a call from its return value.  [psABI AMD64 "Linux Conventions: Calling Conventions"]
/// @param call  the call's name
SyscallResult decode_result(std::uint64_t value, const Symbols& symbols, const std::string& call,
                            const Process& traced);

} // namespace ringcheck
