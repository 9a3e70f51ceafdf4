/* SPDX-License-Identifier: MIT */
/*
 * From the PVH entry (32-bit protected mode, paging off) to 64-bit code that lies where it is mapped: 64 MiB in large
 * pages, each writable or executable, never both.  EBX points to the start information.
 * [Xen "x86/HVM direct boot ABI"]
 */
#include "guests/common/long_mode.inc"

    PVH_NOTE boot_entry

    .section .boot, "ax"
    .code32
    .globl boot_entry
boot_entry:
    cli
    cld
    movl %ebx, %esi
    movl $boot_pdpt + 0x7, boot_pml4
    movl $boot_directory + 0x7, boot_pdpt
    movl $0x000081, boot_directory          /* the kernel's code: present, large */
    movl $0x200083, boot_directory + 8      /* its data: writable too, not executable */
    movl $0x80000000, boot_directory + 12
    movl $0x400085, boot_directory + 16     /* ring 3's code: user */
    movl $0x600087, boot_directory + 24     /* ring 3's data */
    movl $0x80000000, boot_directory + 28
    movl $0x800083, %eax                    /* everything else is the kernel's data */
    movl $boot_directory + 32, %edi
1:  movl %eax, (%edi)
    movl $0x80000000, 4(%edi)
    addl $0x200000, %eax
    addl $8, %edi
    cmpl $boot_directory + 256, %edi
    jb 1b

    ENTER_LONG_MODE 0x901                   /* SCE, LME, NXE */

    .code64
boot_64:
    movl $0x10, %eax
    movl %eax, %ss
    leaq boot_stack_top(%rip), %rsp
    xorl %ebp, %ebp
    movl %esi, %edi
    call kernel_main
1:  hlt
    jmp 1b

    BOOT_GDT 0x00af9b000000ffff, 0x00cf93000000ffff /* accessed: this page cannot be written */

    .bss
    .balign 4096
    .globl boot_pml4
boot_pml4:
    .skip 4096
boot_pdpt:
    .skip 4096
    .globl boot_directory
boot_directory:
    .skip 4096
    .skip 8192
boot_stack_top:
