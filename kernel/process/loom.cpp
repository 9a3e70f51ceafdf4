// SPDX-License-Identifier: MIT
#include "process/loom.h"

#include "arch/rflags.h"
#include "arch/segment.h"
#include "base/assert.h"
#include "cpu/gdt.h"
#include "cpu/registers.h"
#include "cpu/switch.h"
#include "layout/selectors.h"
#include "mm/kernel_stacks.h"

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

/// The frame from which a new thread enters ring 3: every general register zero.
layout::TrapFrame first_frame(arch::VirtAddr entry, arch::VirtAddr user_rsp)
{
    layout::TrapFrame frame{};
    frame.rip = entry.value;
    frame.cs = layout::kUserCode;
    frame.rflags = arch::rflags::kAlwaysOne | arch::rflags::kInterrupt;
    frame.rsp = user_rsp.value;
    frame.ss = layout::kUserData;
    return frame;
}

bool from_user(const layout::TrapFrame& frame)
{
    return arch::selector::kRpl.get(frame.cs) == static_cast<std::uint64_t>(arch::Ring::User);
}

} // namespace

constinit Loom loom;

void Loom::start(arch::PhysAddr kernel_table)
{
    Thread& self = *allocate_thread();
    self.state = ThreadState::Running;
    self.kernel_stack_top = boot_stack_top();
    self.table = kernel_table;
    current_ = &self;
    per_cpu.current_thread = reinterpret_cast<std::uint64_t>(current_);

    const base::Result<arch::VirtAddr> stack = kernel_stacks.allocate();
    ASSERT(stack);
    idle_ = allocate_thread();
    idle_->state = ThreadState::Ready; // but never in the queue: it runs when the queue is empty
    idle_->kernel_stack_top = *stack;
    idle_->table = kernel_table;
    idle_->user = UserState::initial();
    // A function expects RSP = 8 mod 16 where it starts, as after a CALL.
    idle_->saved_rsp = prepare_stack(*stack - sizeof(std::uint64_t), &Loom::idle);
}

base::Result<Thread*> Loom::create_user_thread(Vessel& vessel, arch::PhysAddr table, arch::VirtAddr entry,
                                               arch::VirtAddr user_rsp)
{
    const arch::VirtAddr stack = TRY(kernel_stacks.allocate());
    Thread* const thread = allocate_thread();
    if (thread == nullptr) {
        kernel_stacks.free(stack);
        return base::fail(uapi::Error::Eagain);
    }
    auto* const frame = reinterpret_cast<layout::TrapFrame*>((stack - sizeof(layout::TrapFrame)).value);
    *frame = first_frame(entry, user_rsp);
    thread->vessel = &vessel;
    thread->kernel_stack_top = stack;
    thread->table = table;
    thread->user = UserState::initial();
    thread->saved_rsp = prepare_stack(arch::VirtAddr{reinterpret_cast<std::uint64_t>(frame)}, &enter_user);
    make_ready(*thread);
    return thread;
}

void Loom::yield()
{
    if (ready_head_ == nullptr) {
        return;
    }
    if (current_ == idle_) {
        idle_->state = ThreadState::Ready; // but never in the queue
    } else {
        make_ready(*current_);
    }
    switch_to(pick_next());
}

void Loom::block(const void* channel)
{
    current_->state = ThreadState::Blocked;
    current_->channel = channel;
    switch_to(pick_next());
}

void Loom::wake(const void* channel)
{
    for (Thread& thread : threads_) {
        if (thread.state == ThreadState::Blocked && thread.channel == channel) {
            thread.channel = nullptr;
            make_ready(thread);
        }
    }
}

void Loom::tick(const layout::TrapFrame& frame)
{
    ++current_->ticks;
    if (ticks_left_ > 0) {
        --ticks_left_;
    }
    if (from_user(frame) && ticks_left_ == 0) {
        ticks_left_ = kTicksPerTurn;
        yield();
    }
}

void Loom::exit_current()
{
    current_->state = ThreadState::Zombie;
    switch_to(pick_next());
    base::assertion_failed("a zombie runs again", __FILE_NAME__, __LINE__);
}

void Loom::collect(Thread& thread)
{
    ASSERT(thread.state == ThreadState::Zombie && &thread != current_);
    kernel_stacks.free(thread.kernel_stack_top);
    thread = Thread{};
}

Thread* Loom::allocate_thread()
{
    for (Thread& thread : threads_) {
        if (thread.state == ThreadState::Free) {
            thread = Thread{};
            thread.id = ThreadId{next_id_++};
            return &thread;
        }
    }
    return nullptr;
}

void Loom::make_ready(Thread& thread)
{
    thread.state = ThreadState::Ready;
    thread.next_ready = nullptr;
    if (ready_tail_ != nullptr) {
        ready_tail_->next_ready = &thread;
    } else {
        ready_head_ = &thread;
    }
    ready_tail_ = &thread;
}

Thread& Loom::pick_next()
{
    if (ready_head_ == nullptr) {
        return *idle_;
    }
    Thread& next = *ready_head_;
    ready_head_ = next.next_ready;
    if (ready_head_ == nullptr) {
        ready_tail_ = nullptr;
    }
    return next;
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
    current_ = &next;
    ++next.switches;
    ticks_left_ = kTicksPerTurn;
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
        loom.yield();
    }
}

} // namespace kernel
