// SPDX-License-Identifier: MIT
// The ways between the rings: IRETQ into the program, SYSCALL and SYSRETQ, the gate of INT3.

#include "numbers.h"

    .section .text.assembly, "ax"

// enter_user(RDI = program's RIP, RSI = its RSP, RDX = its PML4): never returns.  GS becomes ring 3's.
    .globl  enter_user
    .type   enter_user, @function
enter_user:
#ifndef MISTAKE_cr3_not_loaded
    mov     %rdx, %cr3
#endif
#ifdef MISTAKE_frame_reversed
    pushq   %rdi
    pushq   $USER_CODE
    pushq   $USER_RFLAGS
    pushq   %rsi
    pushq   $USER_DATA
#else
#if defined(MISTAKE_frame_ss_without_rpl)
    pushq   $USER_DATA & ~3
#elif defined(MISTAKE_frame_selectors_swapped)
    pushq   $USER_CODE
#else
    pushq   $USER_DATA
#endif
    pushq   %rsi
    pushq   $USER_RFLAGS
#ifdef MISTAKE_frame_selectors_swapped
    pushq   $USER_DATA
#else
    pushq   $USER_CODE
#endif
    pushq   %rdi
#endif
    xor     %eax, %eax
    xor     %ebx, %ebx
    xor     %ecx, %ecx
    xor     %edx, %edx
    xor     %esi, %esi
    xor     %edi, %edi
    xor     %ebp, %ebp
    xor     %r8d, %r8d
    xor     %r9d, %r9d
    xor     %r10d, %r10d
    xor     %r11d, %r11d
    xor     %r12d, %r12d
    xor     %r13d, %r13d
    xor     %r14d, %r14d
    xor     %r15d, %r15d
    swapgs
#ifdef MISTAKE_iret_of_32_bits
    iretl
#else
    iretq
#endif
    .size   enter_user, . - enter_user

// SYSCALL lands here: RAX = number, RDI, RSI, RDX, R10 = arguments, RCX = the program's RIP, R11 = its RFLAGS, IF = 0.
// Keeps every register but RAX, RCX and R11.
    .globl  syscall_entry
    .type   syscall_entry, @function
syscall_entry:
#ifndef MISTAKE_swapgs_left_out
    swapgs
#endif
#ifdef MISTAKE_swapgs_twice
    swapgs
#endif
    mov     %rsp, %gs:PER_CPU_USER_STACK
    mov     %gs:PER_CPU_KERNEL_STACK, %rsp
    pushq   %gs:PER_CPU_USER_STACK
#ifdef MISTAKE_rcx_not_kept
    mov     %r10, %rcx
#endif
    push    %rcx
    push    %r11
    push    %rdi
    push    %rsi
    push    %rdx
    push    %r8
    push    %r9
    push    %r10
    push    %rax
    mov     %r10, %rcx                  // where C++ expects the fourth argument
    mov     %rax, %r8
    call    syscall_dispatch
    add     $8, %rsp                    // RAX is the result now
    pop     %r10
    pop     %r9
    pop     %r8
    pop     %rdx
    pop     %rsi
    pop     %rdi
#if defined(MISTAKE_rcx_and_r11_swapped)
    pop     %rcx
    pop     %r11
#else
    pop     %r11
    pop     %rcx
#endif
    pop     %rsp
#ifndef MISTAKE_sysret_without_swapgs
    swapgs
#endif
#ifdef MISTAKE_sysretl
    sysretl
#else
    sysretq
#endif
    .size   syscall_entry, . - syscall_entry

// INT3, from either ring.
    .globl  breakpoint_entry
    .type   breakpoint_entry, @function
breakpoint_entry:
#ifndef MISTAKE_swapgs_from_ring_0
    testb   $3, 8(%rsp)                 // CS of the frame
    jz      1f
#endif
    swapgs
1:  push    %rax
    push    %rcx
    push    %rdx
    push    %rsi
    push    %rdi
    push    %r8
    push    %r9
    push    %r10
    push    %r11
#ifdef MISTAKE_swapgs_from_ring_0
    mov     %gs:PER_CPU_KERNEL_STACK, %rax
#endif
#ifdef MISTAKE_handler_stack_misaligned
    push    %rbp
#endif
#if defined(MISTAKE_handler_stack_misaligned) || defined(MISTAKE_sse_not_enabled)
    call    dispatch_with_sse
#endif
    call    breakpoint_dispatch
    pop     %r11
    pop     %r10
    pop     %r9
    pop     %r8
    pop     %rdi
    pop     %rsi
    pop     %rdx
    pop     %rcx
    pop     %rax
    testb   $3, 8(%rsp)
    jz      2f
#ifndef MISTAKE_iret_without_swapgs
    swapgs
#endif
2:  iretq
    .size   breakpoint_entry, . - breakpoint_entry

// #PF in the kernel that gives up on it.
    .globl  page_fault_entry
    .type   page_fault_entry, @function
page_fault_entry:
#ifdef MISTAKE_error_code_left
    iretq
#endif
    call    give_up
    ud2
    .size   page_fault_entry, . - page_fault_entry

#if defined(MISTAKE_handler_stack_misaligned) || defined(MISTAKE_sse_not_enabled)
// A function as compilers make it: it takes for granted that RSP was a multiple of 16 before the CALL.
    .type   dispatch_with_sse, @function
dispatch_with_sse:
    push    %rbp
    mov     %rsp, %rbp
    sub     $16, %rsp
    movaps  %xmm0, -16(%rbp)
    leave
    ret
    .size   dispatch_with_sse, . - dispatch_with_sse
#endif

#ifdef MISTAKE_red_zone
// A leaf function as compilers make it where the 128 bytes below RSP are its own.  Any interrupt would do what INT3 does
// here.
    .globl  leaf_function
    .type   leaf_function, @function
leaf_function:
    lea     1f(%rip), %rax
    mov     %rax, -16(%rsp)
    int3
    jmp     *-16(%rsp)
1:  ret
    .size   leaf_function, . - leaf_function
#endif

#ifdef MISTAKE_end_of_interrupt_missing
// The timer, which counts.
    .globl  timer_entry
    .type   timer_entry, @function
timer_entry:
    incq    ticks
    iretq
    .size   timer_entry, . - timer_entry
#endif

// load_segments(RDI = GDT pointer): LGDT, CS and SS of the new table.
    .globl  load_segments
    .type   load_segments, @function
load_segments:
    lgdt    (%rdi)
    mov     $KERNEL_DATA, %eax
    mov     %eax, %ss
    pop     %rax
    pushq   $KERNEL_CODE
    push    %rax
    lretq
    .size   load_segments, . - load_segments
