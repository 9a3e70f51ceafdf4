// SPDX-License-Identifier: MIT
// What C++ and assembly both need to know: selectors, places in memory, system calls.  main.cpp checks them.
#pragma once

#define KERNEL_CODE 0x08
#define KERNEL_DATA 0x10
#define USER_DATA (0x18 | 3)
#define USER_CODE (0x20 | 3)
#define TSS_SELECTOR 0x28

// The first page of the program, and the first address above its only stack page.
#define USER_TEXT 0x40000000
#define USER_STACK_TOP 0x40010000

#define USER_RFLAGS 0x202

// Where nothing is mapped: the kernel's addresses as they would be if it were linked in the upper half.
#define UPPER_HALF 0xffffc00000000000

// Where the first 8259 sends IRQ 0.
#define TIMER_VECTOR 32

#define CALL_WRITE 1
#define CALL_EXIT 2

// Byte offsets in PerCpu.
#define PER_CPU_KERNEL_STACK 0
#define PER_CPU_USER_STACK 8

// CR4.PAE; EFER.SCE, LME and NXE; CR0.PE, NE, WP and PG.
#define BOOT_CR4 0x20
#define BOOT_EFER 0x901
#define BOOT_CR0 0x80010021
#define EFER_LME 0x100
#define EFER_NUMBER 0xc0000080
#define PVH_NOTE 18
