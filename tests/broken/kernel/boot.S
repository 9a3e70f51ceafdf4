// SPDX-License-Identifier: MIT
// From PVH's 32-bit protected mode to kernel_main in 64-bit mode.  The first 2 MiB are mapped where they are until
// paging.cpp has built better tables.  [Xen "x86/HVM direct boot ABI"; SDM 3A "Initializing IA-32e Mode"]

#include "numbers.h"

    .section .note.pvh, "a", @note
    .balign 4
    .long   2f - 1f
    .long   4f - 3f
    .long   PVH_NOTE
1:  .asciz  "Xen"
2:  .balign 4
3:  .long   boot_entry
4:  .balign 4

    .section .text.assembly, "ax"
    .code32
    .globl  boot_entry
    .type   boot_entry, @function
boot_entry:
    cli
    cld
#ifndef MISTAKE_pae_not_set
    mov     $BOOT_CR4, %eax
    mov     %eax, %cr4
#endif
    mov     $boot_pml4, %eax
    mov     %eax, %cr3
    mov     $EFER_NUMBER, %ecx
#ifdef MISTAKE_lme_not_set
    mov     $BOOT_EFER & ~EFER_LME, %eax
#else
    mov     $BOOT_EFER, %eax
#endif
    xor     %edx, %edx
    wrmsr
    mov     $BOOT_CR0, %eax
    mov     %eax, %cr0
    lgdt    boot_gdt_pointer
    ljmp    $KERNEL_CODE, $1f
    .code64
1:  xor     %eax, %eax
    mov     %eax, %ds
    mov     %eax, %es
    mov     %eax, %fs
    mov     %eax, %gs
    mov     %eax, %ss
    mov     $boot_stack + 8192, %rsp
    call    kernel_main
    ud2
    .size   boot_entry, . - boot_entry

    .section .boot_tables, "aw"
    .balign 4096
boot_pml4:
    .quad   boot_pdpt + 3               // present, writable
    .fill   511, 8, 0
boot_pdpt:
    .quad   boot_pd + 3
    .fill   511, 8, 0
boot_pd:
    .quad   0x83                        // present, writable, 2 MiB
    .fill   511, 8, 0
boot_gdt:
    .quad   0
#ifdef MISTAKE_boot_code_not_long
    .quad   0x00cf9b000000ffff          // 32-bit code
#else
    .quad   0x00209b0000000000          // 64-bit code
#endif
boot_gdt_pointer:
    .short  boot_gdt_pointer - boot_gdt - 1
    .long   boot_gdt

// Each stack lies above a page that paging.cpp leaves unmapped.
    .section .stacks, "aw", @nobits
    .balign 4096
boot_stack:
    .skip   8192

    .globl  kernel_stack_guard
    .type   kernel_stack_guard, @object
kernel_stack_guard:
    .skip   4096
    .size   kernel_stack_guard, 4096
    .globl  kernel_stack
    .type   kernel_stack, @object
kernel_stack:
    .skip   8192
    .size   kernel_stack, 8192
    .globl  kernel_stack_top
kernel_stack_top:
