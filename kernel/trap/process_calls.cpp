// SPDX-License-Identifier: MIT
#include "trap/process_calls.h"

#include "process/harbor.h"
#include "process/loom.h"

namespace kernel {

void exit(std::uint64_t status)
{
    harbor.exit_thread(wait_status_of_exit(status));
}

void exit_group(std::uint64_t status)
{
    harbor.end_current(wait_status_of_exit(status));
}

std::uint64_t getpid()
{
    return static_cast<std::uint64_t>(loom.current().vessel->id);
}

std::uint64_t gettid()
{
    return static_cast<std::uint64_t>(loom.current().id);
}

std::uint64_t getppid()
{
    return static_cast<std::uint64_t>(loom.current().vessel->parent->id);
}

std::uint64_t set_tid_address(arch::VirtAddr word)
{
    loom.current().clear_child_tid = word.value;
    return gettid();
}

std::uint64_t sched_yield()
{
    loom.yield();
    return 0;
}

} // namespace kernel
