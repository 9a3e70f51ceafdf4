// SPDX-License-Identifier: MIT
// `Loom`, the scheduler: round robin over threads on one CPU, and the one place where the CPU changes threads.
// Invariant: interrupts are off in every function; ring 3 and the idle loop are where they are on.
#pragma once

#include "base/result.h"
#include "layout/trap_frame.h"
#include "process/thread.h"

namespace kernel {

class Loom {
public:
    static constexpr unsigned kMaximumThreads = 128;
    /// Timer ticks that a thread may run before the next ready thread gets its turn.
    static constexpr unsigned kTicksPerTurn = 1;

    /// Makes the code that calls it a thread of its own (on the boot stack) and creates the idle thread.
    void start(arch::PhysAddr kernel_table);

    /// A thread that will enter ring 3 at `entry` with RSP = `user_rsp` and every other register zero.  It is ready,
    /// but does not run before the caller gives up the CPU.
    /// EAGAIN: no free thread slot.  ENOMEM: no kernel stack.
    base::Result<Thread*> create_user_thread(Vessel& vessel, arch::PhysAddr table, arch::VirtAddr entry,
                                             arch::VirtAddr user_rsp);

    Thread& current() { return *current_; }

    /// Lets the next ready thread run, if there is one.
    void yield();
    /// Takes the current thread off the CPU until wake(channel).
    void block(const void* channel);
    /// Makes every thread that waits for `channel` ready.
    void wake(const void* channel);
    /// One timer tick; ends the running thread's turn when it has used it up and was interrupted in ring 3.
    void tick(const layout::TrapFrame& frame);
    /// The current thread never runs again.  Its stack and address space are freed by whoever collects it.
    [[noreturn]] void exit_current();
    /// Frees a zombie's kernel stack and slot.
    void collect(Thread& thread);

    /// The thread in slot `index` < kMaximumThreads.
    const Thread& thread(unsigned index) const { return threads_[index]; }

private:
    Thread* allocate_thread();
    void make_ready(Thread& thread);
    Thread& pick_next();
    void switch_to(Thread& next);
    static void idle();

    Thread threads_[kMaximumThreads];
    Thread* current_ = nullptr;
    Thread* idle_ = nullptr;
    Thread* ready_head_ = nullptr;
    Thread* ready_tail_ = nullptr;
    std::uint64_t next_id_ = 1;
    unsigned ticks_left_ = kTicksPerTurn;
};

/// The machine's scheduler.
extern Loom loom;

} // namespace kernel
