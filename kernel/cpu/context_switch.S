// SPDX-License-Identifier: MIT
// The switch of kernel stacks: what the C++ calling convention lets a callee change is already saved by the caller.
// [psABI AMD64 "Registers and the Stack Frame"]
//   in    RDI = where to save the old RSP (uint64_t*), RSI = the new RSP
//   out   returns on the new stack, to whoever switched away from it (or to enter_user for a new thread)
    .text
    .globl  switch_stacks
    .type   switch_stacks, @function
switch_stacks:
    push    %rbx
    push    %rbp
    push    %r12
    push    %r13
    push    %r14
    push    %r15
    mov     %rsp, (%rdi)
    mov     %rsi, %rsp
    pop     %r15
    pop     %r14
    pop     %r13
    pop     %r12
    pop     %rbp
    pop     %rbx
    ret
    .size   switch_stacks, . - switch_stacks
