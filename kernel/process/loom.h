// SPDX-License-Identifier: MIT
// `Loom`, the scheduler: threads on one CPU, and the one place where the CPU changes threads.
// Invariant: interrupts are off in every function; ring 3 and the idle loop are where they are on.  So a thread loses
// the CPU only where it gives it up, or on its way back to ring 3.
#pragma once

#include "base/result.h"
#include "base/slot_set.h"
#include "base/string_view.h"
#include "layout/trap_frame.h"
#include "process/id_table.h"
#include "process/run_queue.h"
#include "process/thread.h"
#include "process/timer_queue.h"

namespace kernel {

class Loom {
public:
    static constexpr unsigned kMaximumThreads = 1024;
    static constexpr std::uint64_t kNever = ~std::uint64_t{0};
    /// Where threads start, as nice values count: level 0 is nice -20.
    static constexpr unsigned kOrdinaryLevel = 20, kShellLevel = 0;

    /// Makes the code that calls it a thread of its own (on the boot stack), and creates two kernel threads: the idle
    /// loop, and `reap`, which runs whenever a thread has ended, and calls take_zombie and rest in turn.
    Thread& start(arch::PhysAddr kernel_table, ThreadId id, void (*reap)());

    /// A thread that will go to ring 3 with the registers of `frame` and `user`, under the page tables `table`.  It
    /// waits for make_ready().
    /// EAGAIN: no free thread slot.  ENOMEM: no frame for it or its kernel stack.
    base::Result<Thread*> create_user_thread(ThreadId id, Vessel& vessel, arch::PhysAddr table,
                                             const layout::TrapFrame& frame, const UserState& user);
    /// Lets a new thread run for the first time, but not before the caller gives up the CPU.
    void make_ready(Thread& thread);

    Thread& current() { return *current_; }
    /// nullptr: no thread has that number.
    Thread* find(ThreadId id) { return by_id_.find(id); }
    /// Timer ticks since the start.
    std::uint64_t now() const { return now_; }

    /// Lets others run: those of this epoch that come before or equal the caller, or else whoever is ready.
    void yield();
    /// Takes the current thread off the CPU until its queue is woken, the tick `deadline` comes, or it is killed.
    /// Also when a signal comes that it does not block, or is there already: Interrupted.  A call looks for what it
    /// waits for, then blocks; woken for whatever reason it looks once more, and only then gives up:
    ///   Interrupted: it fails with Error::Erestart (read, write, wait4, ...), ErestartNoHandler (pause, poll, ...) or
    ///                EINTR, or says what it has done so far; what of these the program sees, and whether the call is
    ///                made again, is decided when the signal is delivered (process/signal_delivery.h)
    ///   Killed:      the same; nobody sees what it returns
    WakeReason block(WaitQueue& queue, std::uint64_t deadline = kNever,
                     Interruptible interruptible = Interruptible::BySignals);
    /// The same without a queue: until the tick `deadline`.
    WakeReason sleep(std::uint64_t deadline, Interruptible interruptible = Interruptible::BySignals);
    /// Has `thread` look at its signals: it leaves a wait that signals end, and does so before it enters ring 3.
    void interrupt(Thread& thread);
    /// Makes the thread that waits longest ready; false when nobody waits.
    bool wake_one(WaitQueue& queue);
    void wake_all(WaitQueue& queue);
    /// Takes one blocked thread out of what it waits for.
    void wake(Thread& thread, WakeReason reason);
    /// Sees to it that `thread` ends: it leaves what blocks it, and does not enter ring 3 again.
    void kill(Thread& thread);
    /// Gives the current thread, and the CPU, other page tables.
    void change_table(arch::PhysAddr table);
    /// Gives a thread another number, which nobody has.
    void rename(Thread& thread, ThreadId id);
    /// Changes the level that a thread asks for; it is not a zombie.
    void set_nice_level(Thread& thread, unsigned level);

    /// One timer tick, taken in ring 3 or in the idle loop.
    void tick();
    /// On the way back to ring 3, when return_work::kReschedule is set: lets a thread run that has become more
    /// important, or whose turn it is.
    void preempt();

    /// The current thread never runs again; the reaper gets it.
    [[noreturn]] void exit_current();

    /// For the reaper: a thread that has ended, or nullptr.
    Thread* take_zombie() { return zombies_.empty() ? nullptr : &zombies_.pop_front(); }
    /// For the reaper: gives up the CPU until there is another one.
    void rest();
    /// Frees a zombie's kernel stack and slot.
    void free(Thread& thread);

    /// The thread in slot `index` < kMaximumThreads, or nullptr.
    const Thread* thread(unsigned index) const { return threads_[index]; }
    /// How many slots are taken.
    unsigned used_slots() const { return slots_.taken(); }
    /// Threads that wait for a deadline.
    unsigned sleepers() const { return sleepers_.size(); }
    /// Runs when nobody else is ready.
    const Thread& idle_thread() const { return *idle_; }
    /// What a kernel thread is there for.
    base::StringView name_of(const Thread& thread) const { return &thread == idle_ ? "(idle)" : "(reaper)"; }

private:
    base::Result<Thread*> allocate_thread(ThreadId id);
    Thread& create_kernel_thread(arch::PhysAddr kernel_table, void (*start)());
    void enqueue(Thread& thread);
    Thread& pick_next();
    /// Switches to the next thread, which may be this one again, and counts it when it is another one.
    void leave(bool by_itself);
    void switch_to(Thread& next);
    [[noreturn]] static void idle();

    Thread* threads_[kMaximumThreads] = {};
    base::SlotSet<kMaximumThreads> slots_;
    IdTable<Thread, kMaximumThreads> by_id_;
    RunQueue ready_;
    TimerQueue<kMaximumThreads> sleepers_;
    ThreadQueue zombies_;
    Thread* current_ = nullptr;
    Thread* idle_ = nullptr;   ///< runs when nobody is ready
    Thread* reaper_ = nullptr; ///< runs when there are zombies
    std::uint64_t now_ = 0;
};

/// The machine's scheduler.
extern Loom loom;

} // namespace kernel
