// SPDX-License-Identifier: MIT
// An interpreter's first instructions, and its last ones: the program then starts as if it had been alone.
//   in    RSP = 16-byte aligned, argc at [RSP], then argv, NULL, envp, NULL, the auxiliary vector
// [psABI AMD64 "Process Initialization"; System V gABI "Program Interpreter"]
    .text
    .globl  _start
    .type   _start, @function
    .hidden __ehdr_start
    .hidden _DYNAMIC
_start:
    xor     %ebp, %ebp                  // the outermost frame
    lea     __ehdr_start(%rip), %rdi    // the interpreter's own base
    lea     _DYNAMIC(%rip), %rsi
    call    relocate
    mov     %rsp, %rdi
    call    prepare_program
    jmp     *%rax                       // the program's entry, with the stack as it was
    .size   _start, . - _start
