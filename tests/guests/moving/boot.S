/* SPDX-License-Identifier: MIT */
/*
 * A kernel that goes on 6 MiB above the place that it was linked for, and then jumps to where it was: all that it needs
 * is position-independent. The PVH entry is as in apic. [Xen "x86/HVM direct boot ABI"]
 */
#include "guests/common/long_mode.inc"

#define IMAGE 0xffffffff80000000
#define DISTANCE 0x600000

    PVH_NOTE boot_entry

    .section .boot, "ax"
    .code32
    .globl boot_entry
boot_entry:
    cli
    cld
    /* The first 2 MiB where they are, in the last 2 GiB, and there 6 MiB further up. */
    movl $boot_low_pdpt + 0x3, boot_pml4
    movl $boot_high_pdpt + 0x3, boot_pml4 + 511 * 8
    movl $boot_directory + 0x3, boot_low_pdpt
    movl $boot_directory + 0x3, boot_high_pdpt + 510 * 8
    movl $0x83, boot_directory              /* 2 MiB page at 0: present, writable, large */
    movl $0x83, boot_directory + 3 * 8

    ENTER_LONG_MODE 0x901                   /* SCE, LME, NXE */

    .code64
boot_64:
    movabsq $linked_start, %rax
    jmp *%rax

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

    .text
    .macro function name
    .globl \name
    .type \name, @function
\name:
    .endm

function linked_start
    leaq stack_top(%rip), %rsp
    movl $DISTANCE, %r12d
    call about_to_move
    addq %r12, %rsp
    leaq moved_start(%rip), %rax
    addq %r12, %rax
    jmp *%rax
    .size linked_start, . - linked_start

function about_to_move
    ret
    .size about_to_move, . - about_to_move

function moved_start
    movabsq $boot_directory + IMAGE + DISTANCE, %rax
    movq $0, (%rax)
    movq %cr3, %rax
    movq %rax, %cr3
    leaq text(%rip), %rdi
    call tell
    movabsq $linked_start, %rax             /* which nobody has rewritten */
    jmp *%rax
    .size moved_start, . - moved_start

function tell
    movl $0x3f8, %edx                       /* COM1 */
1:  movb (%rdi), %al
    testb %al, %al
    jz 2f
    outb %al, %dx
    incq %rdi
    jmp 1b
2:  ret
    .size tell, . - tell

    .section .rodata, "a"
text:
    .asciz "moved\n"

    .bss
    .balign 16
stack:
    .skip 4096
stack_top:
