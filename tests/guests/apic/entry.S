/* SPDX-License-Identifier: MIT */
/*
 * Every entry to ring 0.  All frames are alike (trap.h); the one that the handler returns is gone on with, by SYSRET
 * when SYSCALL made it and by IRET otherwise.  GS is the kernel's from the first instructions to the last.
 */
#define USER_DATA 0x1b
#define USER_CODE 0x23
#define SYSTEM_CALL 256 /* no vector */

    .macro save_registers
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
    .endm

    .macro entry name, vector, error_code=0
    .globl \name
\name:
    .if \error_code == 0
    pushq $0
    .endif
    pushq $\vector
    jmp interrupt_common
    .endm

    .text
    entry divide_entry, 0
    entry invalid_opcode_entry, 6
    entry double_fault_entry, 8, 1
    entry stack_fault_entry, 12, 1
    entry protection_entry, 13, 1
    entry page_fault_entry, 14, 1
    entry timer_entry, 0x40
    entry spurious_entry, 0xff

interrupt_common:
#ifndef BROKEN_NO_SWAPGS
    testb $3, 24(%rsp)                      /* CS: from ring 3? */
    jz 1f
    swapgs
1:
#endif
    save_registers
    cld
    movq %rsp, %rdi
    call on_interrupt
    movq %rax, %rdi
    jmp resume

    .globl syscall_entry
syscall_entry:
    swapgs
    movq %rsp, %gs:16                       /* Cpu::user_stack */
    movq %gs:8, %rsp                        /* Cpu::kernel_stack */
    pushq $USER_DATA
    pushq %gs:16
    pushq %r11                              /* RFLAGS */
    pushq $USER_CODE
    pushq %rcx                              /* RIP */
    pushq $0
    pushq $SYSTEM_CALL
    save_registers
    movq %rsp, %rdi
    call on_system_call
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
    cmpl $SYSTEM_CALL, (%rsp)
    je return_from_system_call
    addq $16, %rsp                          /* vector, error code */
    testb $3, 8(%rsp)                       /* CS: to ring 3? */
    jz 1f
    swapgs
1:  iretq

return_from_system_call:
#ifdef BROKEN_LOST_REGISTER
    xorl %esi, %esi
#endif
    movq 16(%rsp), %rcx                     /* RIP */
    movq 32(%rsp), %r11                     /* RFLAGS */
    movq 40(%rsp), %rsp
    swapgs
    sysretq
