// SPDX-License-Identifier: MIT
// A thread that does not run is a frame on its kernel stack and the bases of FS and GS that it has in ring 3.
#include "guests/apic/threads.h"

#include "guests/apic/system_calls.h"
#include "guests/common/descriptor_tables.h"
#include "guests/common/instructions.h"
#include "guests/common/serial.h"

struct Thread {
    std::uint64_t number, kernel_stack_top, fs_base, gs_base;
    Frame* frame; ///< while it does not run
    bool ready;
};

extern "C" {
KernelStack kernel_stacks[kThreads];
Thread threads[kThreads];

// The arguments are used, or the compiler would not pass them.
[[gnu::noinline]] void program_started(std::uint64_t id, const char* name, std::uint64_t page_tables)
{
    asm volatile("" ::"r"(id), "r"(name), "r"(page_tables));
}

[[gnu::noinline]] void program_ended(std::uint64_t id, std::uint64_t status)
{
    asm volatile("" ::"r"(id), "r"(status));
}
}

namespace {

constexpr std::uint32_t kKernelGsBase = 0xc000'0102; // in ring 0: the one that ring 3 has
constexpr std::uint64_t kProgramId = 1;

std::uint64_t read_fs_base()
{
    std::uint64_t base = 0;
    asm volatile("rdfsbase %0" : "=r"(base));
    return base;
}

void switch_to(Thread& thread)
{
    this_cpu().running = &thread;
    this_cpu().kernel_stack = thread.kernel_stack_top;
    task_state_segment.rsp0 = thread.kernel_stack_top;
    asm volatile("wrfsbase %0" ::"r"(thread.fs_base));
    write_msr(kKernelGsBase, thread.gs_base);
}

std::uint64_t print(std::uint64_t text, std::uint64_t bytes)
{
    if (text < kUserBegin || text >= kUserEnd || bytes > kUserEnd - text) {
        return 0 - kBadAddress;
    }
    serial_write(reinterpret_cast<const char*>(text), bytes);
    return bytes;
}

Frame* end_thread(std::uint64_t status)
{
    this_cpu().running->ready = false;
    bool any = false;
    for (const Thread& thread : threads) {
        any |= thread.ready;
    }
    if (!any) {
        serial_write("apic: the program has ended\n");
        program_ended(kProgramId, status);
        power_off();
    }
    return next_thread(nullptr);
}

} // namespace

void run_threads(const char* name, std::uint64_t page_tables, void (*program)())
{
    constexpr std::uint64_t kAlwaysOne = 2, kInterruptsOn = 0x200;
    for (unsigned i = 0; i < kThreads; ++i) {
        const auto top = reinterpret_cast<std::uint64_t>(&kernel_stacks[i] + 1);
        auto* const frame = reinterpret_cast<Frame*>(top) - 1;
        *frame = {};
        frame->rip = reinterpret_cast<std::uint64_t>(program);
        frame->cs = kUserCode;
        frame->rflags = kAlwaysOne | kInterruptsOn;
        frame->rsp = user_stack_top(i) - 8; // as after a CALL
        frame->ss = kUserData;
        threads[i] = {i, top, 0, 0, frame, true};
    }
    program_started(kProgramId, name, page_tables);
    switch_to(threads[0]);
    resume(threads[0].frame);
}

Frame* next_thread(Frame* frame)
{
    Thread& running = *this_cpu().running;
    running.frame = frame;
    running.fs_base = read_fs_base();
    running.gs_base = read_msr(kKernelGsBase);
    for (std::uint64_t distance = 1; distance <= kThreads; ++distance) {
        Thread& thread = threads[(running.number + distance) % kThreads];
        if (thread.ready) {
            switch_to(thread);
            return thread.frame;
        }
    }
    panic("no thread can run");
}

Frame* on_system_call(Frame* frame)
{
    switch (frame->rax) {
    case kPrint: frame->rax = print(frame->rdi, frame->rsi); return frame;
    case kThreadNumber: frame->rax = this_cpu().running->number; return frame;
    case kYield: frame->rax = 0; return next_thread(frame);
    case kLeave: return end_thread(frame->rdi);
    default: frame->rax = 0 - kNoSuchCall; return frame;
    }
}
