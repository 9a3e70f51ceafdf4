/* SPDX-License-Identifier: MIT */
/*
 * From the Multiboot entry (32-bit protected mode, paging off) to 64-bit code at the addresses where the image lies.
 * The header's addresses make a raw image of this ELF64: Multiboot itself knows ELF32 only.
 * [Multiboot Specification version 0.6.96 "OS image format", "Machine state"]
 */
#include "guests/common/long_mode.inc"

#define MAGIC 0x1badb002
#define FLAGS 0x00010000 /* bit 16: the address fields are valid */

    .section .boot, "ax"
    .balign 4
multiboot_header:
    .long MAGIC, FLAGS, -(MAGIC + FLAGS)
    .long multiboot_header, image_begin, image_file_end, image_end, boot_entry

    .code32
    .globl boot_entry
boot_entry:
    cli
    cld
    movl $boot_stack_top, %esp

    /* The first 4 MiB, where they are, until the kernel has tables of its own. */
    movl $boot_pdpt + 0x3, boot_pml4
    movl $boot_directory + 0x3, boot_pdpt
    movl $0x000083, boot_directory          /* 2 MiB page at 0: present, writable, large */
    movl $0x200083, boot_directory + 8

    ENTER_LONG_MODE 0x900                   /* LME, NXE */

    .code64
boot_64:
    movl $0x10, %eax
    movl %eax, %ss
    xorl %ebp, %ebp
    call kernel_main
1:  hlt
    jmp 1b

    BOOT_GDT 0x00af9a000000ffff, 0x00cf92000000ffff

    .bss
    .balign 4096
boot_pml4:
    .skip 4096
boot_pdpt:
    .skip 4096
boot_directory:
    .skip 4096
    .globl boot_stack
boot_stack:
    .skip 4096
boot_stack_top:
