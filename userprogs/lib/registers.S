// SPDX-License-Identifier: MIT
// See registers.h.

    .set    VECTOR, 14 * 8
    .set    MXCSR, VECTOR + 16 * 16
    .set    CONTROL_WORD, MXCSR + 4

// Loads all of *RDI, after saving what the caller keeps and RSI, where the result goes.
.macro LOAD_ALL
    push    %rbx
    push    %rbp
    push    %r12
    push    %r13
    push    %r14
    push    %r15
    mov     %rdx, %r15
    push    %rsi
    ldmxcsr MXCSR(%rdi)
    fldcw   CONTROL_WORD(%rdi)
    .irp    n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
    movdqa  VECTOR + \n * 16(%rdi), %xmm\n
    .endr
    mov     0(%rdi), %rax
    mov     8(%rdi), %rbx
    mov     16(%rdi), %rcx
    mov     24(%rdi), %rdx
    mov     32(%rdi), %rsi
    mov     48(%rdi), %rbp
    mov     56(%rdi), %r8
    mov     64(%rdi), %r9
    mov     72(%rdi), %r10
    mov     80(%rdi), %r11
    mov     88(%rdi), %r12
    mov     96(%rdi), %r13
    mov     104(%rdi), %r14
    mov     40(%rdi), %rdi
.endm

// Stores all of it where LOAD_ALL's RSI pointed to, and returns.
.macro STORE_ALL_AND_RETURN
    xchg    %rdi, (%rsp)
    mov     %rax, 0(%rdi)
    mov     %rbx, 8(%rdi)
    mov     %rcx, 16(%rdi)
    mov     %rdx, 24(%rdi)
    mov     %rsi, 32(%rdi)
    mov     %rbp, 48(%rdi)
    mov     %r8, 56(%rdi)
    mov     %r9, 64(%rdi)
    mov     %r10, 72(%rdi)
    mov     %r11, 80(%rdi)
    mov     %r12, 88(%rdi)
    mov     %r13, 96(%rdi)
    mov     %r14, 104(%rdi)
    pop     %rax
    mov     %rax, 40(%rdi)
    .irp    n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
    movdqa  %xmm\n, VECTOR + \n * 16(%rdi)
    .endr
    stmxcsr MXCSR(%rdi)
    fnstcw  CONTROL_WORD(%rdi)
    pop     %r15
    pop     %r14
    pop     %r13
    pop     %r12
    pop     %rbp
    pop     %rbx
    fninit
    ret
.endm

    .text
    .globl  hold_registers
    .type   hold_registers, @function
hold_registers:
    LOAD_ALL
1:  dec     %r15
    jnz     1b
    STORE_ALL_AND_RETURN
    .size   hold_registers, . - hold_registers

    .globl  hold_registers_over_syscall
    .type   hold_registers_over_syscall, @function
hold_registers_over_syscall:
    LOAD_ALL
    syscall
    STORE_ALL_AND_RETURN
    .size   hold_registers_over_syscall, . - hold_registers_over_syscall
