// SPDX-License-Identifier: MIT
// `Harbor`, the process table: makes Vessels out of programs and of other Vessels, finds them, ends them.
// Invariant: what a Vessel owned is freed by the reaper, on another stack and under another CR3, before its parent
// learns of its end; then only the slot and the number are left, for the parent to collect.
#pragma once

#include "base/result.h"
#include "base/slot_set.h"
#include "base/span.h"
#include "base/string_view.h"
#include "layout/trap_frame.h"
#include "process/clone.h"
#include "process/id_table.h"
#include "process/vessel.h"

namespace kernel {

class Harbor {
public:
    static constexpr unsigned kMaximumVessels = kernel::kMaximumVessels;
    /// The highest number of a thread or a Vessel; then numbers that are free again are used.  [proc(5) "pid_max"]
    static constexpr std::uint64_t kMaximumId = 4'194'304, kLowestReusedId = 300;
    /// The shell's: the Vessel that programs are children of, and orphans become children of.
    static constexpr VesselId kShellId{1};
    /// Which children wait() is about.
    struct WaitTarget {
        enum Kind : std::uint8_t { Any, One, Group } kind = Any;
        VesselId id{}; ///< the child's number, or its group's
    };

    struct Ended {
        VesselId id{}; ///< 0: of none is there anything to tell
        char name[Vessel::kNameSize] = {};
        WaitStatus wait_status{};
        bool fault_reported = false;
        Usage usage;
    };

    /// Makes the thread that runs the first of the shell's Vessel, which has no user memory.
    void start(Thread& shell_thread);

    /// Loads the ELF in `file` into a new Vessel, a child of the shell's, whose thread is then ready to run.
    /// @param arguments    argv; the first is also the Vessel's name, cut to fit
    /// @param environment  "NAME=value"
    /// @return  EACCES: no regular file, or nobody may execute it.  ENOEXEC: not a program (see plan_elf).  EAGAIN: no
    /// free slot.  ENOMEM.  E2BIG: arguments too long.
    ///          ENFILE: too many open files.  ETXTBSY: somebody has the file open for writing.
    base::Result<VesselId> spawn(Inode& file, base::Span<const base::StringView> arguments,
                                 base::Span<const base::StringView> environment);

    struct ExecRequest {
        base::StringView path;      ///< not empty
        arch::VirtAddr arguments;   ///< argv, in the caller's memory
        arch::VirtAddr environment; ///< envp
    };
    /// Gives the calling thread's Vessel another program, whose first registers `caller` then holds: execve(2).  The
    /// Vessel's other threads end.  The old program is as it was when this fails.
    /// @return  EACCES, ENOENT, ENOTDIR, ENAMETOOLONG, EIO: see find_program, also for a script's interpreter. ENOEXEC:
    ///          neither a program nor a script.  ELOOP: more than five scripts.  E2BIG, EFAULT: see read_user_strings.
    ///          ENOMEM.  EINTR: the caller is to end.
    base::Result<void> execute(layout::TrapFrame& caller, const ExecRequest& request);

    /// nullptr: no Vessel has that number.
    Vessel* find(VesselId id) { return by_id_.find(id); }
    /// By a pid_t in a register.  ESRCH: nobody has it, as no number below 1 is anybody's.
    base::Result<Vessel*> find_by_number(std::uint64_t number);
    /// A member of a group, which is of one session only; nullptr: there is no such group.
    const Vessel* member_of(VesselId group) const;
    Vessel& shell() { return *find(kShellId); }

    /// Ends all threads of `vessel`, which is not the shell's: each before it would go on in ring 3.  A Vessel that
    /// ends already keeps its first wait status.
    void end(Vessel& vessel, WaitStatus wait_status);
    /// Ends the Vessel of the current thread.
    [[noreturn]] void end_current(WaitStatus wait_status);
    /// Ends the current thread, and its Vessel with `wait_status` when it is the last one; the first thread's status is
    /// kept when others go on.
    [[noreturn]] void exit_thread(WaitStatus wait_status);
    /// Ends the current thread because its Vessel ends.
    [[noreturn]] void end_current_thread();

    /// What wait() is to tell of, beside a child's end.
    struct WaitOptions {
        bool block = false;     ///< wait until there is something to tell
        bool ended = true;      ///< a child that has ended
        bool stopped = false;   ///< a child that has stopped
        bool continued = false; ///< one that goes on
        bool keep = false;      ///< it can be asked for once more
    };
    /// Collects a child of `parent` that has ended, of several the one that ended first; or tells of one that has
    /// stopped or goes on, which stays.
    /// @return  ECHILD: there is no such child.  Erestart: a signal came first.
    base::Result<Ended> wait(Vessel& parent, WaitTarget target, WaitOptions options);

    /// Makes a child of the calling thread, which goes on with the registers of `caller` and 0 as the call's result.
    /// @return  the new thread's number.  EAGAIN: no free slot, or beyond the limit of processes.  ENOMEM.  EINVAL,
    /// EPERM: see kind_of().  When a Vessel
    ///          that the caller waits for outlives it, the caller was killed.
    base::Result<ThreadId> clone(const layout::TrapFrame& caller, const CloneRequest& request);

    /// Sends a signal to a Vessel, for whichever of its threads does not block it, or to one thread.  What is ignored
    /// is gone; what ends the Vessel by default does so at once; anything else waits for the thread, which leaves a
    /// wait that signals end.  SIGCONT lets a stopped Vessel go on, whoever blocks it.  The shell's Vessel takes none.
    /// @return  EAGAIN: no room for one more real-time signal
    base::Result<void> send(Vessel& vessel, const uapi::SignalInfo& info);
    base::Result<void> send(Thread& thread, const uapi::SignalInfo& info);
    /// The same in the kernel's own name: SI_KERNEL.
    void send(Vessel& vessel, uapi::Signal signal);
    /// To the thread that runs, about what it has just asked for: SIGPIPE, SIGTTIN and the like.
    void send_to_current(uapi::Signal signal);
    /// To every Vessel of a group; false when there is none but the shell's.
    bool send_to_group(VesselId group, const uapi::SignalInfo& info);
    bool send_to_group(VesselId group, uapi::Signal signal);

    /// The running thread blocks the signal, or its Vessel has asked to ignore it: what a terminal asks before SIGTTIN
    /// and SIGTTOU.
    static bool current_disregards(uapi::Signal signal);
    /// No member of the group has a parent in another group of the same session, who could continue it when it stops.
    /// So SIGTSTP, SIGTTIN and SIGTTOU do not stop it.  [POSIX.1-2017 XBD 3.264 "Orphaned Process Group"]
    bool is_orphaned(VesselId group) const;

    /// Takes one of `signals` that is on its way to the running thread, blocked or not: what was sent to it alone comes
    /// first.
    /// @return false: there is none
    static bool take_signal(Thread& thread, SignalSet signals, uapi::SignalInfo& info);
    /// Drops what is on its way to a Vessel or its threads of these.
    static void discard(Vessel& vessel, SignalSet signals);
    /// Changes what a thread blocks; SIGKILL and SIGSTOP cannot be.
    void set_mask(Thread& thread, SignalSet blocked);
    /// Brings return_work::kSignal up to date with the signals that the running thread could take.
    static void note_mask(Thread& thread);
    /// Stops the current thread's Vessel, as SIGSTOP does, and comes back when it goes on or the thread is to end.
    void stop_current(uapi::Signal signal);
    /// Comes back when the current thread's Vessel is not stopped, or the thread is to end.
    static void wait_while_stopped();

    /// Has SIGALRM come at the tick `deadline`, and again every `interval` ticks; 0: never, once.
    void set_alarm(Vessel& vessel, std::uint64_t deadline, std::uint64_t interval);
    /// Sends the alarms whose time has come.  For the timer's tick.
    void tick(std::uint64_t now)
    {
        if (now >= next_alarm_) {
            ring_alarms(now);
        }
    }

    /// For the reaper: frees a thread that has ended, and what its Vessel owned when it was the last one.
    void bury(Thread& thread);

    /// The Vessel in slot `index` < kMaximumVessels, or nullptr.
    Vessel* vessel(unsigned index) { return vessels_[index]; }
    /// How many slots are taken.
    unsigned used_slots() const { return slots_.taken(); }

private:
    /// EAGAIN: no free slot.  ENOMEM.
    base::Result<Vessel*> allocate();
    void release(Vessel& vessel);
    std::uint64_t new_id();
    base::Result<void> load(Vessel& vessel, Inode& file, base::Span<const base::StringView> arguments,
                            base::Span<const base::StringView> environment);
    struct NewProgram;
    static base::Result<void> prepare(NewProgram& program, const ExecRequest& request);
    static bool end_other_threads();
    static void replace(NewProgram& program);
    static void leave_files(Vessel& vessel);
    void launch(Vessel& vessel, Vessel& parent, Thread& thread);
    base::Result<ThreadId> clone_thread(const layout::TrapFrame& caller, const CloneRequest& request);
    base::Result<Vessel*> fork(const layout::TrapFrame& caller, const CloneRequest& request);
    void last_thread_exits(Vessel& vessel);
    Vessel& heir_of(const Vessel& vessel);
    void leave_children(Vessel& vessel);
    void tell_end(Vessel& vessel);
    base::Result<void> generate(Vessel& vessel, Thread* target, const uapi::SignalInfo& info);
    static void pass_on_signals(const Thread& thread);
    void tell_parent(Vessel& vessel, std::int32_t code, std::int32_t status);
    void go_on(Vessel& vessel);
    void release_group(VesselId group);
    void ring_alarms(std::uint64_t now);
    static Vessel* first_changed(const VesselList& list, WaitTarget target, WaitOptions options);
    static Ended describe(const Vessel& vessel);
    static Ended tell_change(Vessel& vessel, bool keep);
    static Vessel* first_match(const VesselList& list, WaitTarget target);
    Ended collect(Vessel& vessel);

    Vessel* vessels_[kMaximumVessels] = {};
    base::SlotSet<kMaximumVessels> slots_;
    IdTable<Vessel, kMaximumVessels> by_id_;
    VesselList orphans_;   ///< the shell's children that it did not start
    unsigned stopped_ = 0; ///< Vessels that are stopped
    std::uint64_t next_alarm_ = ~std::uint64_t{0};
    std::uint64_t next_id_ = static_cast<std::uint64_t>(kShellId) + 1;
};

/// The machine's process table.
extern Harbor harbor;

/// The Vessel of the thread that runs.
Vessel& caller();

/// What the reaper's thread does, for ever.
[[noreturn]] void reap();

} // namespace kernel
