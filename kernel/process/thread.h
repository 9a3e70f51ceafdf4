// SPDX-License-Identifier: MIT
// A thread: a kernel stack, a place to go on, what it waits for, and for a user thread the user state that moves at a
// switch.  A thread lives in a frame of its own, and is a link in the lists of whoever has it.
#pragma once

#include "arch/address.h"
#include "cpu/user_state.h"
#include "layout/per_cpu.h"
#include "process/pending_signals.h"
#include "uapi/signal_frame.h"

#include <cstddef>
#include <cstdint>

namespace kernel {

struct Vessel;
class ThreadQueue;

/// Threads and Vessels share their numbers: a Vessel has the number of its first thread, as on Linux.
enum class ThreadId : std::uint64_t {};

enum class ThreadState : std::uint8_t {
    Ready,   ///< in the run queue
    Running, ///< on the CPU
    Blocked, ///< in a wait queue, or asleep until its deadline, or both
    Zombie,  ///< will never run again; waits for the reaper
};

/// Why a blocked thread is ready again.
enum class WakeReason : std::uint8_t {
    Woken,       ///< somebody woke its queue
    Timeout,     ///< its deadline is over
    Interrupted, ///< a signal has come; its call gives up, and fails with one of Error's restarts, or EINTR
    Killed,      ///< it is to end; its call gives up, and ring 3 is not entered again
};

/// What ends a wait beside what is waited for.
enum class Interruptible : std::uint8_t {
    BySignals, ///< a signal that the thread does not block, and its end
    ByEnd,     ///< its end alone
};

/// A wait has ended without what was waited for, other than by its deadline.
constexpr bool ends_call(WakeReason reason)
{
    return reason == WakeReason::Interrupted || reason == WakeReason::Killed;
}

/// What is to be done for a thread before it goes on in ring 3, one bit each.  Any of them makes a system call end by
/// IRETQ with every register as the frame has it; do_return_work clears them.
namespace return_work {
/// A system call wrote to its caller's frame: all of it counts, not the result alone.
inline constexpr std::uint32_t kFrameChanged = 1u << 0;
/// The thread is to end: it does not enter ring 3 again.
inline constexpr std::uint32_t kKilled = 1u << 1;
/// Another thread may have to run first.
inline constexpr std::uint32_t kReschedule = 1u << 2;
/// A new thread's number is to be stored in its memory.
inline constexpr std::uint32_t kStoreTid = 1u << 3;
/// A signal may be there for it, or its Vessel is stopped.
inline constexpr std::uint32_t kSignal = 1u << 4;
} // namespace return_work

/// The call that restart_syscall goes on with; without a kind the rest means nothing.
struct InterruptedCall {
    enum class Kind : std::uint8_t { None, Sleep, Poll } kind = Kind::None;
    std::uint32_t count;    ///< of a poll's files
    std::uint64_t deadline; ///< a tick
    std::uint64_t place;    ///< user address: of what gets the rest of a sleep, 0: none; of a poll's files
};

/// What a thread has used, or a Vessel.
struct Usage {
    std::uint64_t ticks = 0;       ///< timer ticks that found it running
    std::uint64_t voluntary = 0;   ///< switches because it gave up the CPU
    std::uint64_t involuntary = 0; ///< switches because the CPU was taken from it
    std::uint64_t faults = 0;      ///< exceptions in ring 3 and in copies that the kernel made for it

    Usage& operator+=(const Usage& other)
    {
        ticks += other.ticks;
        voluntary += other.voluntary;
        involuntary += other.involuntary;
        faults += other.faults;
        return *this;
    }
};

struct Thread {
    std::uint32_t return_work = 0; ///< bits of namespace return_work; first, where assembly finds it
    ThreadState state = ThreadState::Ready;
    WakeReason wake_reason = WakeReason::Woken;
    ThreadId id{};
    std::uint8_t nice_level = 0;     ///< the level that it asked for: its nice value + 20
    std::uint8_t level = 0;          ///< of the run queue: 0 runs first
    std::uint16_t ticks_left = 0;    ///< of its turn
    std::uint16_t slot = 0;          ///< in Loom's table
    Vessel* vessel = nullptr;        ///< whose memory it runs in; nullptr for a kernel thread
    std::uint64_t saved_rsp = 0;     ///< written by switch_stacks while another thread runs
    arch::VirtAddr kernel_stack_top; ///< what set_kernel_stack gets when this thread is switched to
    arch::PhysAddr table;            ///< physical address of the PML4 it runs under
    arch::PhysAddr frame;            ///< where this object lives

    Thread* next = nullptr;           ///< in `queue`
    Thread* previous = nullptr;       ///< in `queue`
    ThreadQueue* queue = nullptr;     ///< the run queue's or the wait queue it stands in
    Thread* next_in_vessel = nullptr; ///< its Vessel's threads
    Thread* previous_in_vessel = nullptr;
    Thread* next_in_bucket = nullptr;  ///< of the table of ids
    std::uint64_t deadline = 0;        ///< tick at which a sleep ends; meaningful with a timer_index
    std::uint32_t timer_index = 0;     ///< place in the timer queue + 1; 0 outside it
    std::uint64_t timer_order = 0;     ///< of two equal deadlines, the lower one is served first
    std::uint64_t clear_child_tid = 0; ///< user address that becomes 0 when the thread ends, with a futex wake; 0: none
    std::uint64_t robust_list = 0;     ///< user address of a uapi::RobustList; 0: none
    std::uint64_t futex_word = 0;      ///< user address that a thread in a futex queue waits for
    std::uint32_t futex_bits = 0;      ///< and what it can be woken by
    std::uint64_t store_tid = 0;       ///< user address that gets the thread's number when it first runs; 0: none
    Usage usage;

    SignalSet blocked;         ///< it takes none of these
    SignalSet awaited;         ///< but for these, while rt_sigtimedwait waits
    SignalSet mask_to_restore; ///< `blocked` before rt_sigsuspend, when has_mask_to_restore
    bool has_mask_to_restore = false;
    Interruptible interruptible = Interruptible::BySignals; ///< meaningful while Blocked
    PendingSignals pending;                                 ///< sent to it alone
    uapi::AlternateStack alternate_stack = uapi::kNoAlternateStack;
    InterruptedCall interrupted_call;

    bool killed() const { return (return_work & return_work::kKilled) != 0; }

    /// What a handler is told of the last exception of the thread's own, beside its signal.
    struct {
        std::uint64_t vector = 0, error_code = 0, address = 0;
    } fault_facts;
    UserState user{}; ///< FPU, FS and GS base, selectors: valid while another thread runs
};

static_assert(offsetof(Thread, return_work) == layout::kReturnWorkInThread);

} // namespace kernel
