// SPDX-License-Identifier: MIT
// Where a new thread's kernel stack returns to: the first entry to ring 3, by IRETQ.
//   in    RSP = the TrapFrame that Loom prepared, every general register in it zero; FPU, FS and GS base, segments
//         and DR7 were loaded by switch_to; IF = 0
    .text
    .globl  enter_user
    .type   enter_user, @function
enter_user:
    jmp     return_to_user
    .size   enter_user, . - enter_user
