// SPDX-License-Identifier: MIT
// All 256 gates land here.  [SDM 3A "64-Bit Mode Stack Frame", "Interrupt Stack Table"]
//   in    the CPU's frame (and error code where the vector has one) on the kernel stack or an IST stack, IF = 0
//   out   IRETQ with every register as the dispatcher leaves it in the frame
// Ordinary entries decide SWAPGS by the RPL of the saved CS.  IST entries may come between an entry's first
// instruction and its SWAPGS, where CS tells a lie, so they save GS base, set it, and put it back, whatever it was.

#include "asm_offsets.h"
#include "cpu/trap_macros.inc"

/// AC is not cleared by event delivery; a user must not switch SMAP off for the kernel.  POPF works where CLAC is #UD.
.macro CLEAR_ALIGNMENT_CHECK
    pushfq
    andl    $~RFLAGS_ALIGNMENT_CHECK, (%rsp)
    popfq
.endm

.macro STUB number
    .balign 16
vector_\number:
    .if !((\number < 32) && ((EXCEPTIONS_WITH_ERROR_CODE >> (\number & 31)) & 1))
    push    $0                          // error_code
    .endif
    push    $\number                    // vector
    .if (\number < 32) && ((EXCEPTIONS_ON_IST >> (\number & 31)) & 1)
    jmp     ist_entry
    .else
    jmp     ordinary_entry
    .endif
    .pushsection .rodata
    .quad   vector_\number
    .popsection
.endm

    .section .rodata
    .balign 8
    .globl  exception_stubs
exception_stubs:                        // VECTORS addresses, filled by STUB

    .text
    .altmacro                           // %: the number itself, so that each stub has a name of its own
    .set    next_vector, 0
    .rept   VECTORS
    STUB    %next_vector
    .set    next_vector, next_vector + 1
    .endr
    .noaltmacro

    .globl  ordinary_entry
    .type   ordinary_entry, @function
ordinary_entry:
    PUSH_GENERAL_REGISTERS
    cld
    CLEAR_ALIGNMENT_CHECK
    testb   $3, FRAME_CS(%rsp)
    jz      entered_from_kernel
    swapgs
    lfence                              // no load may run ahead with the user's GS base
entered_from_user:
    xor     %ebp, %ebp                  // end of the chain for backtraces
dispatch_event:
    mov     %rsp, %rdi                  // TrapFrame&
    cmpq    $32, FRAME_VECTOR(%rsp)
    jae     1f
    call    exception_dispatch
    jmp     return_from_event
1:  call    interrupt_dispatch
return_from_event:
    testb   $3, FRAME_CS(%rsp)
    jnz     return_to_user
    POP_GENERAL_REGISTERS
    add     $REST_RIP, %rsp             // vector, error_code
    iretq

/// in    RSP = a TrapFrame of ring 3, GS base the kernel's, IF = 0
    .globl  return_to_user, iretq_to_user
return_to_user:
    mov     %gs:PER_CPU_CURRENT_THREAD, %rax
    cmpl    $0, THREAD_RETURN_WORK(%rax)
    jne     work_before_return
    POP_GENERAL_REGISTERS
    add     $REST_RIP, %rsp             // vector, error_code
    swapgs
iretq_to_user:
    iretq

work_before_return:
    mov     %rsp, %rdi                  // TrapFrame&
    call    do_return_work
    jmp     return_to_user

// An IRETQ to ring 3 that faults does so in ring 0, after the SWAPGS: GS base is the user's although CS says kernel.
entered_from_kernel:
    lea     iretq_to_user(%rip), %rax
    cmp     %rax, FRAME_RIP(%rsp)
    jne     dispatch_event
    swapgs
    lfence
    jmp     dispatch_event
    .size   ordinary_entry, . - ordinary_entry

    .globl  ist_entry
    .type   ist_entry, @function
ist_entry:
    PUSH_GENERAL_REGISTERS
    cld
    CLEAR_ALIGNMENT_CHECK
    mov     $DR7_NO_BREAKPOINT, %eax    // a breakpoint on what follows would come again on this stack, for ever
    mov     %rax, %dr7
    testb   $3, FRAME_CS(%rsp)
    jz      1f
    cmpq    $VECTOR_DEBUG, FRAME_VECTOR(%rsp)
    je      debug_from_user
1:  mov     $MSR_GS_BASE, %ecx
    rdmsr
    mov     %eax, %ebx                  // the interrupted GS base in R12D:EBX, over the call
    mov     %edx, %r12d
    mov     $per_cpu, %rax
    mov     %rax, %rdx
    shr     $32, %rdx
    wrmsr
    mov     %rsp, %rdi                  // TrapFrame&
    call    exception_dispatch
    mov     $MSR_GS_BASE, %ecx
    mov     %ebx, %eax
    mov     %r12d, %edx
    wrmsr
    POP_GENERAL_REGISTERS
    add     $REST_RIP, %rsp             // vector, error_code
    iretq

// #DB in ring 3 may end the thread, which must not happen on an IST stack: go on where an ordinary entry would be.
debug_from_user:
    swapgs
    lfence
    mov     %gs:PER_CPU_KERNEL_RSP, %rdi
    sub     $FRAME_SIZE, %rdi
    mov     %rdi, %rax
    mov     %rsp, %rsi
    mov     $FRAME_WORDS, %ecx
    rep movsq
    mov     %rax, %rsp
    jmp     entered_from_user
    .size   ist_entry, . - ist_entry
