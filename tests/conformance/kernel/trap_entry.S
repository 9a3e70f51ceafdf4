// SPDX-License-Identifier: MIT
// Into a scenario and back out of it at its first event: enter() starts it, any of the 256 gates or the SYSCALL entry
// ends it, and enter() returns.  The order of the pushes is trap.h.

#include "asm_offsets.h"
#include "cpu/trap_macros.inc"

    .text
// void enter(const Start& start): does not touch RFLAGS, segments or MSRs beyond what the IRETQ loads.
    .globl  enter
    .type   enter, @function
enter:
    push    %rbx
    push    %rbp
    push    %r12
    push    %r13
    push    %r14
    push    %r15
    mov     %rsp, runner_rsp(%rip)
    mov     %rdi, %rsp
    POP_GENERAL_REGISTERS
    iretq
    .size   enter, . - enter

.macro STUB number
    .balign 16
vector_\number:
    pushfq                              // entry_rflags, before any instruction changes one
    push    $\number                    // vector
    jmp     leave_scenario
    .pushsection .rodata
    .quad   vector_\number
    .popsection
.endm

    .section .rodata
    .balign 8
    .globl  trap_stubs
trap_stubs:                             // VECTORS addresses, filled by STUB

    .text
    .altmacro
    .set    next_vector, 0
    .rept   VECTORS
    STUB    %next_vector
    .set    next_vector, next_vector + 1
    .endr
    .noaltmacro

    .type   leave_scenario, @function
leave_scenario:
    PUSH_GENERAL_REGISTERS
    cld
    mov     %rsp, %rdi                  // const Trapped&
    mov     runner_rsp(%rip), %rsp
    and     $-16, %rsp
    call    record_trap
return_from_enter:
    mov     runner_rsp(%rip), %rsp
    pop     %r15
    pop     %r14
    pop     %r13
    pop     %r12
    pop     %rbp
    pop     %rbx
    ret
    .size   leave_scenario, . - leave_scenario

// SYSCALL changes no stack: what it found is kept in memory and pushed on the runner's.
    .globl  syscall_stub
    .type   syscall_stub, @function
syscall_stub:
    mov     %rsp, syscall_rsp(%rip)
    mov     runner_rsp(%rip), %rsp
    push    $0
    mov     %ss, (%rsp)                 // ss
    push    syscall_rsp(%rip)           // rsp
    pushfq                              // rflags
    push    $0
    mov     %cs, (%rsp)                 // cs
    push    %rcx                        // rip: where SYSRET would go back to
    pushfq                              // entry_rflags
    push    $SYSCALL_VECTOR             // vector
    PUSH_GENERAL_REGISTERS
    cld
    mov     %rsp, %rdi
    and     $-16, %rsp
    call    record_syscall
    jmp     return_from_enter
    .size   syscall_stub, . - syscall_stub

    .bss
    .balign 8
runner_rsp:
    .skip   8
syscall_rsp:
    .skip   8
