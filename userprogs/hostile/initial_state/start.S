// SPDX-License-Identifier: MIT
// Saves all that a program can see of the CPU before any compiled code could change it.
// The stack pointer serves to store the others: pushes end with RAX at `initial_registers`.
    .text
    .globl  _start
    .type   _start, @function
_start:
    mov     %rsp, initial_rsp(%rip)
    lea     initial_registers_end(%rip), %rsp
    pushfq
    push    %r15
    push    %r14
    push    %r13
    push    %r12
    push    %r11
    push    %r10
    push    %r9
    push    %r8
    push    %rbp
    push    %rdi
    push    %rsi
    push    %rdx
    push    %rcx
    push    %rbx
    push    %rax
    mov     initial_rsp(%rip), %rsp
    fxsave64 initial_fxsave(%rip)
    mov     %ds, initial_selectors(%rip)
    mov     %es, initial_selectors+2(%rip)
    mov     %fs, initial_selectors+4(%rip)
    mov     %gs, initial_selectors+6(%rip)
    xor     %ebp, %ebp
    call    start_main
    ud2
    .size   _start, . - _start

    .bss
    .globl  initial_registers, initial_rsp, initial_fxsave, initial_selectors
    .balign 16
initial_fxsave:
    .skip   512
initial_registers:
    .skip   16 * 8
initial_registers_end:
initial_rsp:
    .skip   8
initial_selectors:
    .skip   4 * 2
