// SPDX-License-Identifier: MIT
// GDT, TSS and the per-CPU block: the tables by which the CPU finds the kernel's selectors and stacks.
#pragma once

#include "arch/address.h"
#include "layout/per_cpu.h"

namespace kernel {

/// Loads GDT and TSS, points the TSS's IST entries at the static stacks of boot.S and GS base at the per-CPU block.
/// Called once, before the IDT is loaded.
void load_gdt();

/// Makes `top` the stack on which the running thread enters the kernel, by SYSCALL and by event alike.
/// The only function that writes TSS.RSP0 or PerCpu::kernel_rsp.
void set_kernel_stack(arch::VirtAddr top);

/// The stack for threads that never leave the kernel's boot stack: the boot stack's top.
arch::VirtAddr boot_stack_top();

} // namespace kernel

extern "C" layout::PerCpu per_cpu;
