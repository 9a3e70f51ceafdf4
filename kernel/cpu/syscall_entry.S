// SPDX-License-Identifier: MIT
// SYSCALL lands here.  [SDM 2B SYSCALL]
//   in    RCX = user RIP, R11 = user RFLAGS, RSP = still the user's stack, IF = DF = AC = TF = NT = 0 by FMASK
//   out   to ring 3: RAX as syscall_dispatch returned it, RCX = RIP, R11 = RFLAGS, everything else as it came; or, when
//         the thread has return work, every register as the frame has it then
// SYSRETQ is used only where it does what IRETQ would: with a non-canonical RCX it faults in ring 0 on the user's stack
// on Intel, and it restores neither RF nor a TF that waits for one instruction.  [SDM 2B SYSRET]
//
// RBX and R12..R15 are in the frame for whoever wants to read them, but are not popped: C++ keeps them [psABI AMD64
// "Registers and the Stack Frame"].  A call that writes to the frame sets return work, and so leaves by IRETQ.

#include "asm_offsets.h"
#include "cpu/trap_macros.inc"

    .section .rodata
    .balign 8
user_canonical_end:
    .quad   USER_CANONICAL_END

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
    push    %rax                        // error_code: the call's number, for who makes it again
    push    $SYSCALL_VECTOR             // vector
    PUSH_GENERAL_REGISTERS
    xor     %ebp, %ebp                  // end of the chain for backtraces
    mov     %rsp, %rdi                  // TrapFrame&
    call    syscall_dispatch            // RAX = result

    mov     %gs:PER_CPU_CURRENT_THREAD, %rdx
    cmpl    $0, THREAD_RETURN_WORK(%rdx)
    jne     leave_by_iret
    mov     FRAME_RIP(%rsp), %rcx
    cmp     user_canonical_end(%rip), %rcx
    jae     leave_by_iret
    mov     FRAME_RFLAGS(%rsp), %r11
    test    $RFLAGS_TRAP_OR_RESUME, %r11d
    jnz     leave_by_iret
    mov     FRAME_R10(%rsp), %r10
    mov     FRAME_R9(%rsp), %r9
    mov     FRAME_R8(%rsp), %r8
    mov     FRAME_RBP(%rsp), %rbp
    mov     FRAME_RDI(%rsp), %rdi
    mov     FRAME_RSI(%rsp), %rsi
    mov     FRAME_RDX(%rsp), %rdx
    mov     FRAME_RSP(%rsp), %rsp       // from here to SYSRETQ nothing may fault: IF = 0, NMI has its own stack
    swapgs
    sysretq

leave_by_iret:
    mov     %rax, FRAME_RAX(%rsp)
    jmp     return_to_user
    .size   syscall_entry, . - syscall_entry
