// SPDX-License-Identifier: GPL-2.0-or-later
// The events of one process's first thread, and the process's end.
#pragma once

#include "trace/trace.h"
#include "watch/guest_watch.h"
#include "watch/symbols.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace ringcheck {

class ProcessStream {
public:
    /// @param process  whose events these are, from its start on
    /// @param traced   the number by which numbers of processes are named
    /// @param events   where they come, behind what is there
    ProcessStream(const Process& process, std::uint64_t traced, std::vector<Event>& events, GuestMemory& memory,
                  const Symbols& symbols);

    const Process& process() const { return process_; }
    /// It has come to ring 3.
    bool entered() const { return entered_; }
    /// It is no more.
    bool ended() const { return ended_; }
    /// Its first thread, by thread_of(); 0 where that is unknown, and before it has come to ring 3.
    std::uint64_t thread() const { return thread_; }
    /// It has not ended, and its page tables are loaded.
    bool is_loaded(const model::CpuState& state) const;
    /// Its first thread runs, which has entered ring 3.
    bool is_running(const model::CpuState& state) const;

    /// @param with_entry  the first entry to ring 3 is an event
    void on_transition(const Transition& transition, bool with_entry);
    /// The process has become `process`: another program, about to be entered.
    void execute(const Process& process, const model::CpuState& state);
    /// `state` is that of whichever thread runs.
    void signal_delivered(const DeliveredSignal& signal, const model::CpuState& state);
    void call_restarts(const model::CpuState& state);
    void end(std::uint64_t wait_status);
    void append(decltype(Event::what) what) { events_.push_back({.what = std::move(what), .line = 0, .count = now_}); }

private:
    struct PendingFault {
        std::uint64_t rip = 0, count = 0;
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

    bool is_ours(const model::CpuState& state) const;
    void entered_user(const model::CpuState& state, bool with_entry);
    void read_arguments_again(SyscallEvent& call);
    void called(const Transition& transition);
    void faulted(const Transition& transition);
    void append_fault();

    GuestMemory& memory_;
    const Symbols& symbols_;
    std::vector<Event>& events_;
    Process process_, named_; ///< the latter with the number that names are made by
    bool entered_ = false, ended_ = false;
    std::uint64_t thread_ = 0, now_ = 0; ///< now_: the count of the last transition between the rings
    bool thread_ended_ = false;          ///< it has made a call that never returns
    bool executed_ = false;              ///< it has another program, and has not entered it
    Waiting waiting_;
};

} // namespace ringcheck
