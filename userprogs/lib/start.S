// SPDX-License-Identifier: MIT
// Where every program starts.  [psABI AMD64 "Process Initialization"]
//   in    RSP = 16-byte aligned, argc at [RSP], then argv, NULL, envp, NULL, the auxiliary vector
    .text
    .globl  _start
    .type   _start, @function
_start:
    xor     %ebp, %ebp                  // the outermost frame
    mov     (%rsp), %edi                // argc
    lea     8(%rsp), %rsi               // argv
    call    start_main
    ud2                                 // start_main does not return
    .size   _start, . - _start
