// SPDX-License-Identifier: MIT
// What an entry to ring 0 leaves on the kernel stack, and the block that GS points to in ring 0.
#pragma once

#include <cstddef>
#include <cstdint>

struct Thread;

struct Frame {
    std::uint64_t r15, r14, r13, r12, r11, r10, r9, r8, rbp, rdi, rsi, rdx, rcx, rbx, rax; ///< pushed by entry.S
    std::uint64_t vector, error_code; ///< vector 256: SYSCALL made this frame
    std::uint64_t rip, cs, rflags, rsp, ss;
};

/// What entry.S finds by GS.
struct Cpu {
    Cpu* self;
    std::uint64_t kernel_stack; ///< top of the running thread's, as TSS.RSP0
    std::uint64_t user_stack;   ///< while SYSCALL's entry has no stack yet
    Thread* running;
};
static_assert(offsetof(Cpu, kernel_stack) == 8 && offsetof(Cpu, user_stack) == 16 && offsetof(Cpu, running) == 24);

inline Cpu& this_cpu()
{
    Cpu* cpu = nullptr;
    asm volatile("movq %%gs:0, %0" : "=r"(cpu));
    return *cpu;
}

extern "C" {
[[noreturn]] void resume(Frame* frame);
/// Both return the frame to go on with.
Frame* on_interrupt(Frame* frame);
Frame* on_system_call(Frame* frame);
/// Says why on the console and ends the machine.
[[noreturn]] void panic(const char* reason);
}

/// Fills the IDT and tells the CPU where SYSCALL goes.
void start_traps();
[[noreturn]] void power_off();
