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
    static constexpr unsigned kMaximumVessels = 512;
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
        VesselId id{}; ///< 0: none has ended yet
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
    ///          ENFILE: too many open files.
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

    /// Collects a child of `parent` that has ended, of several the one that ended first.
    /// @param block  wait until one ends; else an Ended with id 0 says that none has
    /// @return  ECHILD: there is no such child.  EINTR: the calling thread was killed.
    base::Result<Ended> wait(Vessel& parent, WaitTarget target, bool block);

    /// Makes a child of the calling thread, which goes on with the registers of `caller` and 0 as the call's result.
    /// @return  the new thread's number.  EAGAIN: no free slot.  ENOMEM.  EINVAL, EPERM: see kind_of().  When a Vessel
    ///          that the caller waits for outlives it, the caller was killed.
    base::Result<ThreadId> clone(const layout::TrapFrame& caller, const CloneRequest& request);

    /// Does to `vessel` what the signal does by default; the shell's ignores every signal.
    void send(Vessel& vessel, uapi::Signal signal);

    /// The same to every Vessel of a group; false when there is none but the shell's.
    bool send_to_group(VesselId group, uapi::Signal signal);

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
    static Vessel* first_match(const VesselList& list, WaitTarget target);
    Ended collect(Vessel& vessel);

    Vessel* vessels_[kMaximumVessels] = {};
    base::SlotSet<kMaximumVessels> slots_;
    IdTable<Vessel, kMaximumVessels> by_id_;
    VesselList orphans_; ///< the shell's children that it did not start
    std::uint64_t next_id_ = static_cast<std::uint64_t>(kShellId) + 1;
};

/// The machine's process table.
extern Harbor harbor;

/// What the reaper's thread does, for ever.
[[noreturn]] void reap();

} // namespace kernel
