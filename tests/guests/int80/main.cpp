// SPDX-License-Identifier: MIT
// A kernel that knows interrupts only: 8259 and 8253, INT 0x80, two tasks.
#include "guests/common/descriptor_tables.h"
#include "guests/common/serial.h"
#include "guests/int80/memory.h"
#include "guests/int80/programs.h"
#include "guests/int80/tasks.h"
#include "guests/int80/trap.h"

namespace {

alignas(16) char double_fault_stack[4096];

} // namespace

extern "C" [[noreturn]] void kernel_main()
{
    serial_start();
    serial_write("int80: two tasks and a timer\n");
    load_descriptor_tables();
    task_state_segment.ist[0] = reinterpret_cast<std::uint64_t>(double_fault_stack + sizeof double_fault_stack);
    start_traps();
    build_kernel_tables();
    create_task(0, "alpha", alpha);
    create_task(1, "beta", beta);
    run_tasks();
}
