// SPDX-License-Identifier: MIT
// The first instructions of a position-independent program: it relocates itself before anything uses an address.
//   in    RSP = 16-byte aligned, argc at [RSP], then argv, NULL, envp, NULL, the auxiliary vector
// [psABI AMD64 "Process Initialization"]
    .text
    .globl  _start
    .type   _start, @function
    .hidden __ehdr_start
    .hidden _DYNAMIC
_start:
    xor     %ebp, %ebp                  // the outermost frame
    lea     __ehdr_start(%rip), %rdi    // the program's base: its file begins at address 0
    lea     _DYNAMIC(%rip), %rsi
    call    relocate
    mov     (%rsp), %edi                // argc
    lea     8(%rsp), %rsi               // argv
    call    start_main
    ud2                                 // start_main does not return
    .size   _start, . - _start
