/* SPDX-License-Identifier: MIT */
/*
 * From the PVH entry (32-bit protected mode, paging off) to 64-bit code in the last 2 GiB of addresses.
 * [Xen "x86/HVM direct boot ABI"]
 */
#include "guests/common/long_mode.inc"

#define IMAGE 0xffffffff80000000

    PVH_NOTE boot_entry

    .section .boot, "ax"
    .code32
    .globl boot_entry
boot_entry:
    cli
    cld
    /* The first 2 MiB, where they are and in the last 2 GiB, until the kernel has tables of its own. */
    movl $boot_low_pdpt + 0x3, boot_pml4
    movl $boot_high_pdpt + 0x3, boot_pml4 + 511 * 8
    movl $boot_directory + 0x3, boot_low_pdpt
    movl $boot_directory + 0x3, boot_high_pdpt + 510 * 8
    movl $0x83, boot_directory              /* 2 MiB page at 0: present, writable, large */

    ENTER_LONG_MODE 0x901                   /* SCE, LME, NXE */

    .code64
boot_64:
    movl $0x10, %eax
    movl %eax, %ss
    movabsq $boot_stack_top, %rsp
    xorl %ebp, %ebp
    movabsq $kernel_main, %rax
    call *%rax
1:  hlt
    jmp 1b

    BOOT_GDT 0x00af9a000000ffff, 0x00cf92000000ffff

    .section .boot_tables, "aw", @nobits
    .balign 4096
boot_pml4:
    .skip 4096
boot_low_pdpt:
    .skip 4096
boot_high_pdpt:
    .skip 4096
boot_directory:
    .skip 4096

    .bss
    .balign 16
    .globl boot_stack
boot_stack:
    .skip 8192
boot_stack_top:
