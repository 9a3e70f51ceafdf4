// SPDX-License-Identifier: GPL-2.0-or-later
// Turns what one program does into a trace while it runs.
#pragma once

#include "trace/trace.h"
#include "watch/guest_watch.h"
#include "watch/symbols.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace ringcheck {

class Recorder final : public GuestObserver {
public:
    /// Records the first thread of the first process of that name, and that process's end.  Its other threads and its
    /// children come and go in an order that is the scheduler's.
    Recorder(std::string program, GuestMemory& memory, const Symbols& symbols);

    /// What the program has done so far; its last event is the exit when complete().
    const Trace& trace() const { return trace_; }
    bool complete() const { return ended_; }
    /// The guest announced a process of that name.
    bool started() const { return process_.has_value(); }
    const std::optional<Process>& process() const { return process_; }
    /// It has come to ring 3.
    bool entered() const { return entered_; }
    /// Its first thread, by thread_of(); 0 where that is unknown, and before it has come to ring 3.
    std::uint64_t thread() const { return thread_; }

    void on_transition(const Transition& transition) override;
    void on_process_started(std::uint64_t count, const Process& process, const model::CpuState& state) override;
    void on_process_ended(std::uint64_t count, const Process& process, const model::CpuState& state) override;

private:
    struct PendingFault {
        std::uint64_t rip = 0;
        FaultEvent event;
    };

    /// A call whose result is not known yet.
    struct OpenCall {
        std::size_t event = 0; ///< its index
        model::CpuState at_call;
    };

    /// What the thread waits for.
    struct Waiting {
        std::optional<OpenCall> open_call;
        std::optional<PendingFault> pending_fault; ///< becomes an event unless ring 3 goes on where it faulted
    };

    bool is_ours(const model::CpuState& state);
    void entered_user(const model::CpuState& state);
    void called(const Transition& transition);
    void faulted(const Transition& transition);
    void append(decltype(Event::what) what) { trace_.events.push_back({std::move(what), 0}); }

    GuestMemory& memory_;
    const Symbols& symbols_;
    Trace trace_;
    std::optional<Process> process_;
    bool entered_ = false, ended_ = false;
    std::uint64_t thread_ = 0;  ///< the process's first, by thread_of(); 0 where that is unknown
    bool thread_ended_ = false; ///< it has made a call that never returns
    Waiting waiting_;
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
