// SPDX-License-Identifier: MIT
// Two tasks, each in an address space of its own, and their system calls.
#pragma once

#include "guests/int80/trap.h"

#include <cstddef>
#include <cstdint>

inline constexpr unsigned kTasks = 2;

struct alignas(4096) KernelStack {
    char guard[4096]; ///< not mapped
    char stack[4096];
};

extern "C" {
extern KernelStack kernel_stacks[kTasks];

/// Called when a task is ready for ring 3 and when it has ended, for whoever watches from outside.
void task_started(std::uint64_t id, const char* name, std::uint64_t page_tables);
void task_ended(std::uint64_t id, std::uint64_t status);
}

/// Makes the task of that index (0 or 1); its id is one more.
void create_task(unsigned index, const char* name, void (*program)());
/// Begins with task 0.
[[noreturn]] void run_tasks();
/// Leaves the running task in `frame`, and @return the frame of the task that runs next.
Frame* next_task(Frame* frame);
Frame* system_call(Frame* frame);
