/* SPDX-License-Identifier: MIT */
/*
 * Every entry to ring 0.  A stub makes all frames alike (error code, vector), the common part saves the registers and
 * goes on with whatever frame trap_dispatch returns: the same one, or another task's.
 */
    .macro entry name, vector, error_code=0
    .globl \name
\name:
    .if \error_code == 0
    pushq $0
    .endif
    pushq $\vector
    jmp trap_common
    .endm

    .text
    entry divide_entry, 0
    entry debug_entry, 1
    entry breakpoint_entry, 3
    entry invalid_opcode_entry, 6
    entry double_fault_entry, 8, 1
    entry invalid_tss_entry, 10, 1
    entry segment_not_present_entry, 11, 1
    entry stack_fault_entry, 12, 1
    entry protection_entry, 13, 1
    entry page_fault_entry, 14, 1
    entry timer_entry, 32
    entry spurious_entry, 39
    entry syscall_entry, 0x80

trap_common:
    pushq %rax
    pushq %rbx
    pushq %rcx
    pushq %rdx
    pushq %rsi
    pushq %rdi
    pushq %rbp
    pushq %r8
    pushq %r9
    pushq %r10
    pushq %r11
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
    cld
    movq %rsp, %rdi
    call trap_dispatch
    movq %rax, %rdi

/* in: RDI, the frame to go on with */
    .globl resume
resume:
    movq %rdi, %rsp
    popq %r15
    popq %r14
    popq %r13
    popq %r12
    popq %r11
    popq %r10
    popq %r9
    popq %r8
    popq %rbp
    popq %rdi
    popq %rsi
    popq %rdx
    popq %rcx
    popq %rbx
    popq %rax
    addq $16, %rsp                          /* vector, error code */
    iretq
