// SPDX-License-Identifier: MIT
// The parts of the kernel, and the labels of its assembly and linker script.
#pragma once

#include <cstdint>

/// What GS points to in ring 0.
struct PerCpu {
    std::uint64_t kernel_stack = 0; ///< RSP for a system call
    std::uint64_t user_stack = 0;   ///< the program's RSP during one
};

extern PerCpu per_cpu;

/// GDT, TSS and IDT.
void load_tables();
/// Page tables of the kernel, and of the program; the kernel's are loaded.  Returns the physical address of the
/// program's PML4.
std::uint64_t build_address_spaces();
/// STAR, LSTAR, FMASK and the GS bases.
void enable_system_calls();

void put_char(char character);
void put_text(const char* text);
void put_number(std::uint64_t number);
[[noreturn]] void power_off();

extern "C" {
[[noreturn]] void enter_user(std::uint64_t rip, std::uint64_t rsp, std::uint64_t pml4);
void syscall_entry();
void breakpoint_entry();
void page_fault_entry();
void timer_entry();   ///< in the build that needs it
void leaf_function(); ///< likewise
void load_segments(const void* gdt_pointer);

extern char text_begin[], text_end[], rodata_begin[], rodata_end[], data_begin[], data_end[];
extern char kernel_stack_guard[], kernel_stack[], kernel_stack_top[];
extern char user_text_frame[];
}

inline std::uint64_t address_of(const void* pointer)
{
    return reinterpret_cast<std::uint64_t>(pointer);
}
