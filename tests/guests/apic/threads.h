// SPDX-License-Identifier: MIT
// Three threads of one program, switched by the timer, and their system calls.
#pragma once

#include "guests/apic/memory.h"
#include "guests/apic/trap.h"

struct alignas(4096) KernelStack {
    char guard[4096]; ///< not mapped
    char stack[4096];
};

extern "C" {
extern KernelStack kernel_stacks[kThreads];

/// Called when the program is ready for ring 3 and when its last thread has ended, for whoever watches from outside.
void program_started(std::uint64_t id, const char* name, std::uint64_t page_tables);
void program_ended(std::uint64_t id, std::uint64_t status);
}

/// Starts all threads at `program`.
[[noreturn]] void run_threads(const char* name, std::uint64_t page_tables, void (*program)());
/// Leaves the running thread in `frame`, and @return the frame of the one that runs next.
Frame* next_thread(Frame* frame);
