/* SPDX-License-Identifier: MIT */
/* The ways into ring 0 and out of it: SYSCALL, the timer, and exceptions, which are the end. */
    .macro save
    pushq %rdi
    pushq %rsi
    pushq %rdx
    pushq %r8
    pushq %r9
    pushq %r10
    .endm
    .macro restore
    popq %r10
    popq %r9
    popq %r8
    popq %rdx
    popq %rsi
    popq %rdi
    .endm

    .text
    .globl syscall_entry
syscall_entry:
    movq %rsp, user_stack_pointer(%rip)
    movq kernel_stack(%rip), %rsp
    pushq %rcx
    pushq %r11
    save
    movq %rdi, %rsi
    movq %rax, %rdi
    call system_call
    restore
    popq %r11
    popq %rcx
    movq user_stack_pointer(%rip), %rsp
    sysretq

    .globl timer_entry
timer_entry:
    pushq %rax
    pushq %rcx
    pushq %r11
    save
    cld
    call timer_tick
    restore
    popq %r11
    popq %rcx
    popq %rax
    iretq

    .globl fault_entry
fault_entry:
    jmp fault

/* in: RDI, where ring 3 begins; RSI, its stack.  Comes back from leave_user. */
    .globl enter_user
enter_user:
    pushq %rbx
    pushq %rbp
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
    movq %rsp, kernel_stack_pointer(%rip)
    pushq $0x1b                             /* user data */
    pushq %rsi
    pushq $0x202                            /* IF */
    pushq $0x23                             /* user code */
    pushq %rdi
    xorl %eax, %eax
    xorl %ebx, %ebx
    xorl %ecx, %ecx
    xorl %edx, %edx
    xorl %esi, %esi
    xorl %edi, %edi
    xorl %ebp, %ebp
    xorl %r8d, %r8d
    xorl %r9d, %r9d
    xorl %r10d, %r10d
    xorl %r11d, %r11d
    xorl %r12d, %r12d
    xorl %r13d, %r13d
    xorl %r14d, %r14d
    xorl %r15d, %r15d
    iretq

    .globl leave_user
leave_user:
    movq kernel_stack_pointer(%rip), %rsp
    popq %r15
    popq %r14
    popq %r13
    popq %r12
    popq %rbp
    popq %rbx
    sti
    ret

    .data
    .balign 8
kernel_stack:
    .quad kernel_stacks + 8192              /* as in TSS.RSP0 */

    .bss
    .balign 4096
    .globl kernel_stacks
kernel_stacks:
    .skip 8192
user_stack_pointer:
    .skip 8
kernel_stack_pointer:
    .skip 8
