/* SPDX-License-Identifier: MIT */
/*
 * A kernel that goes on 6 MiB above the place that it was linked for, and then jumps to where it was: all that it needs
 * is position-independent. The PVH entry is as in apic. [Xen "x86/HVM direct boot ABI"]
 */
#define IMAGE 0xffffffff80000000
#define DISTANCE 0x600000

    .section .note.pvh, "a", @note
    .balign 4
    .long 4, 4, 18                          /* XEN_ELFNOTE_PHYS32_ENTRY */
    .asciz "Xen"
    .long boot_entry

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

    movl $boot_pml4, %eax
    movl %eax, %cr3
    movl %cr4, %eax
    orl $0x20, %eax                         /* CR4.PAE */
    movl %eax, %cr4
    movl $0xc0000080, %ecx                  /* IA32_EFER */
    rdmsr
    orl $0x901, %eax                        /* SCE, LME, NXE */
    wrmsr
    movl %cr0, %eax
    orl $0x80010001, %eax                   /* PG, WP, PE */
    movl %eax, %cr0
    lgdt boot_gdt_pointer
    ljmp $0x08, $boot_64

    .code64
boot_64:
    movabsq $linked_start, %rax
    jmp *%rax

    .balign 8
boot_gdt:
    .quad 0, 0x00af9a000000ffff, 0x00cf92000000ffff
boot_gdt_pointer:
    .word boot_gdt_pointer - boot_gdt - 1
    .long boot_gdt

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
