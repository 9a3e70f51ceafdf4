// SPDX-License-Identifier: MIT
#include "process/loom.h"

#include "arch/rflags.h"
#include "base/assert.h"
#include "cpu/gdt.h"
#include "cpu/registers.h"
#include "cpu/switch.h"
#include "layout/landmarks.h"
#include "mm/kernel_memory.h"
#include "mm/kernel_stacks.h"
#include "process/vdso_pages.h"
#include "process/vessel.h"

namespace kernel {
namespace {

/// What switch_stacks pops before it returns: rbx, rbp, r12..r15.
constexpr unsigned kCalleeSavedWords = 6;

/// Lays out a stack that switch_stacks can go on from: it will return to `start` with RSP = `top`.
std::uint64_t prepare_stack(arch::VirtAddr top, void (*start)())
{
    auto* words = reinterpret_cast<std::uint64_t*>(top.value);
    *--words = reinterpret_cast<std::uint64_t>(start);
    for (unsigned i = 0; i < kCalleeSavedWords; ++i) {
        *--words = 0;
    }
    return reinterpret_cast<std::uint64_t>(words);
}

} // namespace

constinit Loom loom;

Thread& Loom::start(arch::PhysAddr kernel_table, ThreadId id, void (*reap)())
{
    const base::Result<Thread*> self = allocate_thread(id);
    ASSERT(self);
    current_ = *self;
    by_id_.insert(*current_);
    current_->state = ThreadState::Running;
    current_->nice_level = kShellLevel;
    current_->level = kShellLevel;
    current_->ticks_left = RunQueue::turn_ticks(kShellLevel);
    current_->kernel_stack_top = boot_stack_top();
    current_->table = kernel_table;
    per_cpu.current_thread = reinterpret_cast<std::uint64_t>(current_);
    idle_ = &create_kernel_thread(kernel_table, &Loom::idle);
    reaper_ = &create_kernel_thread(kernel_table, reap);
    return *current_;
}

Thread& Loom::create_kernel_thread(arch::PhysAddr kernel_table, void (*start)())
{
    const base::Result<arch::VirtAddr> stack = kernel_stacks.allocate();
    const base::Result<Thread*> created = allocate_thread(ThreadId{});
    ASSERT(stack && created); // at boot there is memory for it
    Thread& thread = **created;
    thread.kernel_stack_top = *stack;
    thread.table = kernel_table;
    thread.user = UserState::initial();
    // A function expects RSP = 8 mod 16 where it starts, as after a CALL.
    thread.saved_rsp = prepare_stack(*stack - sizeof(std::uint64_t), start);
    return thread;
}

base::Result<Thread*> Loom::create_user_thread(ThreadId id, Vessel& vessel, arch::PhysAddr table,
                                               const layout::TrapFrame& frame, const UserState& user)
{
    Thread* const thread = TRY(allocate_thread(id));
    const base::Result<arch::VirtAddr> stack = kernel_stacks.allocate();
    if (!stack) {
        threads_[thread->slot] = nullptr;
        slots_.give_back(thread->slot);
        frame_allocator.free(thread->frame);
        return base::fail(stack.error());
    }
    by_id_.insert(*thread);
    auto* const first_frame = reinterpret_cast<layout::TrapFrame*>((*stack - sizeof(layout::TrapFrame)).value);
    *first_frame = frame;
    thread->vessel = &vessel;
    thread->kernel_stack_top = *stack;
    thread->table = table;
    thread->user = user;
    thread->nice_level = kOrdinaryLevel;
    thread->level = kOrdinaryLevel;
    thread->ticks_left = RunQueue::turn_ticks(kOrdinaryLevel);
    thread->saved_rsp = prepare_stack(arch::VirtAddr{reinterpret_cast<std::uint64_t>(first_frame)}, &enter_user);
    return thread;
}

void Loom::make_ready(Thread& thread)
{
    enqueue(thread);
    if (current_ == idle_ || ready_.has_before(current_->level)) {
        current_->return_work |= return_work::kReschedule;
    }
}

void Loom::yield()
{
    if (ready_.empty()) {
        return;
    }
    if (!ready_.has_until(current_->level)) {
        current_->ticks_left = 0; // nobody else of this epoch: the next one begins
    }
    enqueue(*current_);
    leave(true);
}

namespace {

/// A wait that would end at once does not begin.
bool gives_up(const Thread& thread, Interruptible interruptible, WakeReason& reason)
{
    if (thread.killed()) {
        reason = WakeReason::Killed;
        return true;
    }
    reason = WakeReason::Interrupted;
    return interruptible == Interruptible::BySignals && (thread.return_work & return_work::kSignal) != 0;
}

} // namespace

WakeReason Loom::block(WaitQueue& queue, std::uint64_t deadline, Interruptible interruptible)
{
    WakeReason reason{};
    if (gives_up(*current_, interruptible, reason)) {
        return reason;
    }
    queue.push_back(*current_);
    return sleep(deadline, interruptible);
}

WakeReason Loom::sleep(std::uint64_t deadline, Interruptible interruptible)
{
    WakeReason reason{};
    if (gives_up(*current_, interruptible, reason)) {
        return reason;
    }
    if (deadline != kNever) {
        sleepers_.add(*current_, deadline);
    }
    current_->state = ThreadState::Blocked;
    current_->interruptible = interruptible;
    leave(true);
    return current_->wake_reason;
}

void Loom::interrupt(Thread& thread)
{
    thread.return_work |= return_work::kSignal;
    if (thread.state == ThreadState::Blocked && thread.interruptible == Interruptible::BySignals) {
        wake(thread, WakeReason::Interrupted);
    }
}

void Loom::wake(Thread& thread, WakeReason reason)
{
    ASSERT(thread.state == ThreadState::Blocked);
    if (thread.queue != nullptr) {
        thread.queue->remove(thread);
    }
    sleepers_.remove(thread);
    thread.wake_reason = reason;
    make_ready(thread);
}

bool Loom::wake_one(WaitQueue& queue)
{
    if (queue.empty()) {
        return false;
    }
    wake(*queue.front(), WakeReason::Woken);
    return true;
}

void Loom::wake_all(WaitQueue& queue)
{
    while (wake_one(queue)) {
    }
}

void Loom::kill(Thread& thread)
{
    thread.return_work |= return_work::kKilled;
    if (thread.state == ThreadState::Blocked) {
        wake(thread, WakeReason::Killed);
    }
}

void Loom::change_table(arch::PhysAddr table)
{
    current_->table = table;
    write_cr3(table);
}

void Loom::rename(Thread& thread, ThreadId id)
{
    by_id_.remove(thread);
    thread.id = id;
    by_id_.insert(thread);
}

void Loom::set_nice_level(Thread& thread, unsigned level)
{
    const bool is_ready = thread.state == ThreadState::Ready;
    if (is_ready) {
        ready_.remove(thread);
    }
    thread.nice_level = static_cast<std::uint8_t>(level);
    if (is_ready) {
        make_ready(thread);
    }
}

/// Into the run queue, at the level that the thread has a right to now.
void Loom::enqueue(Thread& thread)
{
    const unsigned penalty = thread.vessel != nullptr ? thread.vessel->meter.penalty(now_) : 0;
    const unsigned level = thread.nice_level + penalty;
    thread.level = static_cast<std::uint8_t>(level < RunQueue::kLevels ? level : RunQueue::kLevels - 1);
    thread.state = ThreadState::Ready;
    ready_.push(thread);
}

void Loom::tick()
{
    ++now_;
    time_page.ticks = now_;
    ++current_->usage.ticks;
    if (current_->vessel != nullptr) {
        current_->vessel->meter.ran(now_);
    }
    while (Thread* const thread = sleepers_.due(now_)) {
        wake(*thread, WakeReason::Timeout);
    }
    if (current_->ticks_left > 0) {
        --current_->ticks_left;
    }
    if (current_->ticks_left == 0) {
        current_->return_work |= return_work::kReschedule;
    }
}

void Loom::preempt()
{
    current_->return_work &= ~return_work::kReschedule;
    if (current_->ticks_left == 0 && ready_.empty()) {
        current_->ticks_left = RunQueue::turn_ticks(current_->level); // alone, it has the next turn too
        return;
    }
    if (current_->ticks_left > 0 && !ready_.has_before(current_->level)) {
        return;
    }
    enqueue(*current_);
    leave(false);
}

void Loom::exit_current()
{
    current_->state = ThreadState::Zombie;
    zombies_.push_back(*current_);
    switch_to(pick_next());
    base::assertion_failed("a zombie runs again", __FILE_NAME__, __LINE__);
}

void Loom::rest()
{
    ASSERT(current_ == reaper_ && zombies_.empty());
    reaper_->state = ThreadState::Ready; // but never in the queue
    switch_to(pick_next());
}

void Loom::free(Thread& thread)
{
    ASSERT(thread.state == ThreadState::Zombie && &thread != current_ && thread.queue == nullptr);
    landmark_thread_ended(thread.kernel_stack_top.value);
    by_id_.remove(thread);
    threads_[thread.slot] = nullptr;
    slots_.give_back(thread.slot);
    kernel_stacks.free(thread.kernel_stack_top);
    frame_allocator.free(thread.frame);
}

base::Result<Thread*> Loom::allocate_thread(ThreadId id)
{
    static_assert(sizeof(Thread) <= arch::kPageSize);
    const unsigned slot = slots_.take();
    if (slot == slots_.kNone) {
        return base::fail(uapi::Error::Eagain);
    }
    const base::Result<arch::PhysAddr> frame = frame_allocator.allocate();
    if (!frame) {
        slots_.give_back(slot);
        return base::fail(frame.error());
    }
    auto* const thread = frame_allocator.window().at<Thread>(*frame);
    *thread = Thread{};
    thread->id = id;
    thread->slot = static_cast<std::uint16_t>(slot);
    thread->frame = *frame;
    threads_[slot] = thread;
    return thread;
}

Thread& Loom::pick_next()
{
    if (!zombies_.empty()) {
        return *reaper_;
    }
    Thread* const next = ready_.pop();
    return next != nullptr ? *next : *idle_;
}

void Loom::leave(bool by_itself)
{
    Thread& next = pick_next();
    if (&next != current_) {
        ++(by_itself ? current_->usage.voluntary : current_->usage.involuntary);
        if (by_itself && current_->vessel != nullptr) {
            current_->vessel->meter.paused();
        }
    }
    switch_to(next);
}

/// Everything that belongs to the running thread and lives in the CPU changes here, and nowhere else.
void Loom::switch_to(Thread& next)
{
    ASSERT((read_rflags() & arch::rflags::kInterrupt) == 0);
    next.state = ThreadState::Running;
    if (&next == current_) {
        return;
    }
    Thread& previous = *current_;
    previous.return_work &= ~return_work::kReschedule;
    current_ = &next;
    per_cpu.current_thread = reinterpret_cast<std::uint64_t>(current_);
    set_kernel_stack(next.kernel_stack_top);
    if (next.table != previous.table) {
        write_cr3(next.table);
    }
    previous.user.save();
    next.user.load();
    switch_stacks(&previous.saved_rsp, next.saved_rsp);
}

void Loom::idle()
{
    for (;;) {
        enable_interrupts_and_halt();
        if (!loom.ready_.empty()) {
            loom.idle_->state = ThreadState::Ready; // but never in the queue
            loom.switch_to(loom.pick_next());
        }
    }
}

} // namespace kernel
