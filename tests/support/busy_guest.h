// SPDX-License-Identifier: MIT
// A guest with something of everything: a timer, ring 3, faults, system calls, repeated strings.
#pragma once

#include "support/timer_code.h"

namespace support {

// PIC at vector 0x20 with only the timer open; PIT as a rate generator whose count is in %bl.
GUEST_CODE(start_timer_then_ring_3, OPEN_TIMER_LINE R"(
    mov   $0x34, %al
    out   %al, $0x43
    mov   %bl, %al
    out   %al, $0x40
    xor   %eax, %eax
    out   %al, $0x40
    push  $0x1b
    push  $0x21ff0
    push  $0x202
    push  $0x23
    push  $0x20000
    iretq
)");
GUEST_CODE(skip_seven_bytes, R"(
    addq  $7, 8(%rsp)       # over the error code: the pushed RIP
    add   $8, %rsp
    iretq
)");
GUEST_CODE(skip_two_bytes, R"(
    addq  $2, (%rsp)
    iretq
)");
// Blocks of all kinds: counted iterations, a fault in the middle, calls, a branch to itself, a system call.
GUEST_CODE(busy_program, R"(
1:  mov   $0x22000, %edi
    mov   $5, %ecx
    rep   stosb
    xor   %ecx, %ecx
    rep   stosb
    mov   $0x22000, %esi
    mov   $0x22100, %edi
    mov   $3, %ecx
    repe  cmpsb
    nop
    mov   0x3c000, %eax     # 7 bytes that fault
    add   %rcx, %r8
    call  2f
    mov   $3, %r9d
3:  dec   %r9d
    jnz   3b
    ud2
    pushf
    popf
    syscall
    inc   %r12
    inc   %r13
    jmp   1b
2:  push  %rbx
    pop   %rbx
    ret
)");
GUEST_CODE(serve, R"(
    swapgs
    mov   %rsp, 0x38010
    mov   $0x16000, %esp    # the user's stack is out of reach: SMAP
    push  %rcx
    mov   %rax, 0x38000
    rdtsc
    pop   %rcx
    mov   0x38010, %rsp
    swapgs
    sysretq
)");

inline ringcheck::model::CpuState busy_guest(MachineGuest& guest, unsigned pit_count)
{
    guest.place(MachineGuest::kKernelText, start_timer_then_ring_3);
    guest.place(MachineGuest::kUserText, busy_program);
    guest.place(MachineGuest::kSyscallText, serve);
    place_timer_handler(guest);
    guest.place(MachineGuest::handler(14), skip_seven_bytes);
    guest.place(MachineGuest::handler(6), skip_two_bytes);
    ringcheck::model::CpuState state = guest.ring_0();
    state[ringcheck::model::Gpr::Rbx] = pit_count;
    state.fmask = arch::rflags::kInterrupt;
    return state;
}

} // namespace support
