// SPDX-License-Identifier: MIT
// SYSCALL lands here.  [SDM 2B SYSCALL]
//   in    RCX = user RIP, R11 = user RFLAGS, RSP = still the user's stack, IF = DF = AC = TF = NT = 0 by FMASK
//   out   to ring 3 with every register as syscall_dispatch leaves it in the frame
// SYSRETQ is used only when it does exactly what IRETQ would: with a non-canonical RCX it faults in ring 0 on the user's
// stack on Intel, and it cannot restore RF or a TF that traps at once, nor RCX and R11 on their own.  [SDM 2B SYSRET]

#include "asm_offsets.h"
#include "cpu/trap_macros.inc"

    .text
    .globl  syscall_entry
    .type   syscall_entry, @function
syscall_entry:
    swapgs
    mov     %rsp, %gs:PER_CPU_USER_RSP
    mov     %gs:PER_CPU_KERNEL_RSP, %rsp
    push    $USER_DATA_SELECTOR         // ss
    push    %gs:PER_CPU_USER_RSP        // rsp
    push    %r11                        // rflags
    push    $USER_CODE_SELECTOR         // cs
    push    %rcx                        // rip
    push    $0                          // error_code
    push    $SYSCALL_VECTOR             // vector
    PUSH_GENERAL_REGISTERS
    xor     %ebp, %ebp                  // end of the chain for backtraces
    mov     %rsp, %rdi                  // TrapFrame&
    call    syscall_dispatch

    mov     FRAME_RIP(%rsp), %rcx
    cmp     FRAME_RCX(%rsp), %rcx
    jne     return_to_user
    mov     %rcx, %rax
    shr     $47, %rax                   // a canonical user address has bits 63:47 clear
    jnz     return_to_user
    mov     FRAME_R11(%rsp), %r11
    cmp     FRAME_RFLAGS(%rsp), %r11
    jne     return_to_user
    test    $RFLAGS_TRAP_OR_RESUME, %r11d
    jnz     return_to_user
    cmpq    $USER_CODE_SELECTOR, FRAME_CS(%rsp)
    jne     return_to_user
    cmpq    $USER_DATA_SELECTOR, FRAME_SS(%rsp)
    jne     return_to_user
    POP_GENERAL_REGISTERS
    mov     REST_RSP(%rsp), %rsp        // from here to SYSRETQ nothing may fault: IF = 0, NMI has its own stack
    swapgs
    sysretq
    .size   syscall_entry, . - syscall_entry
