// SPDX-License-Identifier: MIT
// A task that does not run is a frame on its kernel stack.
#include "guests/int80/tasks.h"

#include "guests/common/descriptor_tables.h"
#include "guests/common/instructions.h"
#include "guests/common/serial.h"
#include "guests/int80/memory.h"
#include "guests/int80/system_calls.h"

namespace {

struct Task {
    const char* name;
    std::uint64_t id, page_tables, kernel_stack_top;
    Frame* frame; ///< while it does not run
    bool ready;
};

Task tasks[kTasks];

} // namespace

extern "C" {
KernelStack kernel_stacks[kTasks];
Task* current_task;
std::uint64_t current_stack; ///< the top of the running task's kernel stack, as TSS.RSP0 must have it

// The arguments are used, or the compiler would not pass them.
[[gnu::noinline]] void task_started(std::uint64_t id, const char* name, std::uint64_t page_tables)
{
    asm volatile("" ::"r"(id), "r"(name), "r"(page_tables));
}

[[gnu::noinline]] void task_ended(std::uint64_t id, std::uint64_t status)
{
    asm volatile("" ::"r"(id), "r"(status));
}
}

namespace {

void switch_to(Task& task)
{
    current_task = &task;
    current_stack = task.kernel_stack_top;
#ifndef BROKEN_STALE_RSP0
    task_state_segment.rsp0 = current_stack;
#endif
    write_cr3(task.page_tables);
}

Frame* end_task(std::uint64_t status)
{
    serial_write(current_task->name);
    serial_write(" ends with ");
    serial_write_number(status);
    serial_write("\n");
    current_task->ready = false;
    task_ended(current_task->id, status);
    return next_task(nullptr);
}

std::uint64_t write(std::uint64_t file, std::uint64_t text, std::uint64_t bytes)
{
    if (file != 1) {
        return 0 - kBadFile;
    }
    if (text < kUserBegin || text >= kUserEnd || bytes > kUserEnd - text) {
        return 0 - kBadAddress;
    }
    serial_write(reinterpret_cast<const char*>(text), bytes);
    return bytes;
}

} // namespace

void create_task(unsigned index, const char* name, void (*program)())
{
    constexpr std::uint64_t kAlwaysOne = 2, kInterruptsOn = 0x200;
    const auto top = reinterpret_cast<std::uint64_t>(&kernel_stacks[index] + 1);
    auto* const frame = reinterpret_cast<Frame*>(top) - 1;
    *frame = {};
    frame->rip = reinterpret_cast<std::uint64_t>(program);
    frame->cs = kUserCode;
    frame->rflags = kAlwaysOne | kInterruptsOn;
    frame->rsp = kUserStackTop - 8; // as after a CALL
    frame->ss = kUserData;
    tasks[index] = {name, index + 1, build_address_space(index), top, frame, true};
    task_started(tasks[index].id, name, tasks[index].page_tables);
}

void run_tasks()
{
    task_state_segment.rsp0 = tasks[0].kernel_stack_top;
    switch_to(tasks[0]);
    resume(tasks[0].frame);
}

Frame* next_task(Frame* frame)
{
    current_task->frame = frame;
    unsigned index = static_cast<unsigned>(current_task - tasks);
    for (unsigned tried = 0; tried < kTasks; ++tried) {
        index = (index + 1) % kTasks;
        if (tasks[index].ready) {
            switch_to(tasks[index]);
            return tasks[index].frame;
        }
    }
    serial_write("int80: all tasks have ended\n");
    end_machine(kGoodEnd);
}

Frame* system_call(Frame* frame)
{
    switch (frame->rax) {
    case kExit: return end_task(frame->rbx);
    case kWrite: frame->rax = write(frame->rbx, frame->rcx, frame->rdx); return frame;
    case kYield: frame->rax = 0; return next_task(frame);
    default: frame->rax = 0 - kNoSuchCall; return frame;
    }
}
