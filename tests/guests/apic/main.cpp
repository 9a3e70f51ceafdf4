// SPDX-License-Identifier: MIT
// A kernel in the last 2 GiB: SYSCALL and SYSRET, a block behind GS, FSGSBASE, the local APIC's timer, three threads.
#include "guests/apic/local_apic.h"
#include "guests/apic/memory.h"
#include "guests/apic/program.h"
#include "guests/apic/threads.h"
#include "guests/apic/trap.h"
#include "guests/common/descriptor_tables.h"
#include "guests/common/serial.h"

#include <cpuid.h>

namespace {

alignas(16) char double_fault_stack[4096];

/// Lets rings 0 and 3 read and write the bases of FS and GS. @return false when the CPU cannot
bool start_fsgsbase()
{
    constexpr std::uint64_t kFsgsbase = 1 << 16; // CR4
    unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
    __cpuid_count(7, 0, eax, ebx, ecx, edx);
    if ((ebx & 1) == 0) {
        return false;
    }
    std::uint64_t cr4 = 0;
    asm volatile("movq %%cr4, %0" : "=r"(cr4));
    asm volatile("movq %0, %%cr4" ::"r"(cr4 | kFsgsbase));
    return true;
}

} // namespace

extern "C" [[noreturn]] void kernel_main()
{
    serial_start();
    serial_write("apic: three threads and a timer\n");
    load_descriptor_tables();
    task_state_segment.ist[0] = reinterpret_cast<std::uint64_t>(double_fault_stack + sizeof double_fault_stack);
    start_traps();
    const std::uint64_t page_tables = build_address_space();
    if (!start_fsgsbase()) {
        panic("this CPU has no FSGSBASE");
    }
    start_local_apic();
    run_threads("turns", page_tables, program);
}
