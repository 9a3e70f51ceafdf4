// SPDX-License-Identifier: MIT
// `Vessel`, the process: its memory, its threads, its place among parents and children, and how it ended.
#pragma once

#include "base/string_view.h"
#include "fs/descriptor_table.h"
#include "fs/readiness.h"
#include "layout/process_places.h"
#include "mm/user_memory.h"
#include "process/parasite.h"
#include "process/resource_limits.h"
#include "process/running_program.h"
#include "process/signal_actions.h"
#include "process/thread_queue.h"
#include "uapi/signals.h"

#include <cstdint>

namespace kernel {

enum class VesselId : std::uint64_t {};

struct Vessel;

/// As much of `text` as fits, and a NUL; the rest of `to` is 0 too.
template <std::size_t N> void copy_text(char (&to)[N], base::StringView text)
{
    const std::size_t length = text.size() < N - 1 ? text.size() : N - 1;
    __builtin_memcpy(to, text.data(), length);
    __builtin_memset(to + length, 0, N - length);
}

enum class VesselState : std::uint8_t {
    Running, ///< it has threads, or is about to get its first
    Ending,  ///< its last thread has exited; the reaper has yet to free what it owned
    Zombie,  ///< only its number and its wait status are left, for its parent to collect
};

/// How a Vessel ended, as wait(2) encodes it.
enum class WaitStatus : std::uint32_t {};

constexpr WaitStatus wait_status_of_exit(std::uint64_t status)
{
    return WaitStatus{static_cast<std::uint32_t>(status & 0xff) << 8};
}
constexpr WaitStatus wait_status_of_signal(uapi::Signal signal)
{
    return WaitStatus{static_cast<std::uint32_t>(signal)};
}
/// Of a Vessel that has stopped, or goes on.
constexpr WaitStatus wait_status_of_stop(uapi::Signal signal)
{
    return WaitStatus{static_cast<std::uint32_t>(signal) << 8 | 0x7f};
}
inline constexpr WaitStatus kWaitStatusContinued{0xffff};
/// The signal that killed it, 0 when it exited.
constexpr std::uint32_t killing_signal(WaitStatus status)
{
    return static_cast<std::uint32_t>(status) & 0x7f;
}
/// The exit status; meaningful when it was not killed.
constexpr std::uint32_t exit_status(WaitStatus status)
{
    return static_cast<std::uint32_t>(status) >> 8 & 0xff;
}

/// Vessels in the order in which they came; each is in at most one list.
class VesselList {
public:
    bool empty() const { return head_ == nullptr; }
    Vessel* front() const { return head_; }
    void push_back(Vessel& vessel);
    void remove(Vessel& vessel);

private:
    Vessel* head_ = nullptr;
    Vessel* tail_ = nullptr;
};

struct Vessel {
    static constexpr std::size_t kNameSize = 32;
    static constexpr std::size_t kCommandSize = 16; ///< [prctl(2) "PR_SET_NAME"]
    static constexpr std::uint32_t kUmask = 022;

    VesselId id{};
    VesselId group{};   ///< process group
    VesselId session{}; ///< of process groups; its leader has its number
    VesselState state = VesselState::Running;
    bool ending = false;             ///< `wait_status` stands, and every thread has been killed
    bool orphan = false;             ///< nobody will ask how it ended
    bool fault_reported = false;     ///< the console has had the line that tells why it was killed
    bool executed = false;           ///< it has had another program than its parent, by execve
    char name[kNameSize] = {};       ///< of its program's file, NUL-terminated
    char command[kCommandSize] = {}; ///< what its program calls itself, NUL-terminated
    std::uint16_t slot = 0;          ///< in Harbor's table
    arch::PhysAddr frame;            ///< where this object lives

    UserMemory memory;
    DescriptorTable files;
    InodeRef directory;            ///< the current one
    RunningProgram program;        ///< the file that it was made of
    std::uint32_t umask = kUmask;  ///< permissions that it does not give to files that it makes
    layout::ProcessPlaces places;  ///< of its memory; told to whoever watches from outside
    Thread* threads = nullptr;     ///< that have not exited, the newest first
    unsigned thread_count = 0;     ///< of them
    unsigned unburied_threads = 0; ///< that the reaper has not freed, exited or not
    WaitStatus wait_status{};
    SignalActions actions;
    PendingSignals pending;        ///< sent to it, for whichever of its threads takes them
    Readiness signal_watchers;     ///< own threads that wait for one to read it
    uapi::Signal stopped_by{};     ///< none of its threads enters ring 3; 0: it goes on
    bool stop_reported = true;     ///< its parent has been told that it stopped
    bool continue_reported = true; ///< and that it goes on
    WaitQueue stopped_threads;
    std::uint64_t alarm = 0;          ///< tick at which SIGALRM comes; 0: none
    std::uint64_t alarm_interval = 0; ///< ticks from one to the next; 0: it comes once
    ParasiteMeter meter;
    Usage past_usage;     ///< of threads that are gone
    Usage children_usage; ///< of children that have been collected, and of theirs
    ResourceLimits limits = ResourceLimits::initial();
    bool adopts = false;            ///< orphans among its descendants.  [prctl(2) "PR_SET_CHILD_SUBREAPER"]
    bool no_new_privileges = false; ///< [prctl(2) "PR_SET_NO_NEW_PRIVS"]

    Vessel* parent = nullptr;
    VesselList children;     ///< that have not ended
    VesselList zombies;      ///< children that have, in the order of their ends
    WaitQueue waiters;       ///< own threads that wait for a child
    WaitQueue vfork_waiters; ///< the parent's thread, when it waits for this Vessel's end, or its new program
    WaitQueue exec_waiters;  ///< the own thread that waits until all others are gone
    Vessel* next = nullptr;
    Vessel* previous = nullptr;       ///< links of the list it is in
    Vessel* next_in_bucket = nullptr; ///< of the table of ids

    /// A thread of its own from here on.
    void add(Thread& thread);
    /// Takes out a thread that exits.
    void remove(Thread& thread);
};

inline void VesselList::push_back(Vessel& vessel)
{
    vessel.next = nullptr;
    vessel.previous = tail_;
    (tail_ != nullptr ? tail_->next : head_) = &vessel;
    tail_ = &vessel;
}

inline void VesselList::remove(Vessel& vessel)
{
    (vessel.previous != nullptr ? vessel.previous->next : head_) = vessel.next;
    (vessel.next != nullptr ? vessel.next->previous : tail_) = vessel.previous;
}

inline void Vessel::add(Thread& thread)
{
    thread.vessel = this;
    thread.previous_in_vessel = nullptr;
    thread.next_in_vessel = threads;
    if (threads != nullptr) {
        threads->previous_in_vessel = &thread;
    }
    threads = &thread;
    ++thread_count;
    ++unburied_threads;
}

inline void Vessel::remove(Thread& thread)
{
    (thread.previous_in_vessel != nullptr ? thread.previous_in_vessel->next_in_vessel : threads) =
        thread.next_in_vessel;
    if (thread.next_in_vessel != nullptr) {
        thread.next_in_vessel->previous_in_vessel = thread.previous_in_vessel;
    }
    --thread_count;
}

/// What all its threads have used, past ones too.
inline Usage usage_of(const Vessel& vessel)
{
    Usage sum = vessel.past_usage;
    for (const Thread* thread = vessel.threads; thread != nullptr; thread = thread->next_in_vessel) {
        sum += thread->usage;
    }
    return sum;
}

} // namespace kernel
