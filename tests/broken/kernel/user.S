// SPDX-License-Identifier: MIT
// The program in ring 3: it writes, meets a breakpoint, writes again and exits.

#include "numbers.h"

    .section .user, "ax"
    .globl  user_start
    .type   user_start, @function
user_start:
    push    %rbp                        // the stack works
    mov     %rsp, %rbp
#ifdef MISTAKE_program_executes_cli
    cli
#endif
#if defined(MISTAKE_program_reads_null) || defined(MISTAKE_error_code_left) || defined(MISTAKE_page_fault_unhandled)
    mov     8, %rax
#endif
    lea     hello(%rip), %rdi
    mov     $hello_end - hello, %esi
    call    user_write
    int3
    lea     goodbye(%rip), %rdi
    mov     $goodbye_end - goodbye, %esi
    call    user_write
    mov     $CALL_EXIT, %eax
    syscall
    ud2
    .size   user_start, . - user_start

// user_write(RDI = bytes, RSI = how many)
    .type   user_write, @function
user_write:
    mov     $CALL_WRITE, %eax
    syscall
    ret
    .size   user_write, . - user_write

hello:
    .ascii  "hello from ring 3\n"
hello_end:
goodbye:
    .ascii  "still there\n"
goodbye_end:
