// SPDX-License-Identifier: MIT
// The general registers of a TrapFrame: pushed in one place, popped in one place.  Assembly only.
#pragma once

.macro PUSH_GENERAL_REGISTERS push % rax push % rbx push % rcx push % rdx push % rsi push % rdi push % rbp push %
    r8 push % r9 push % r10 push % r11 push % r12 push % r13 push % r14 push %
    r15.endm

        .macro POP_GENERAL_REGISTERS pop %
    r15 pop % r14 pop % r13 pop % r12 pop % r11 pop % r10 pop % r9 pop % r8 pop % rbp pop % rdi pop % rsi pop %
    rdx pop % rcx pop % rbx pop %
    rax.endm

        /// Nothing of the user's stays in a register when C++ starts: not for safety alone, but so that a wrong path
        /// shows.
        .macro CLEAR_GENERAL_REGISTERS xor %
    eax,
    % eax xor % ebx, % ebx xor % ecx, % ecx xor % edx, % edx xor % esi, % esi xor % edi, % edi xor % ebp,
    % ebp xor % r8d, % r8d xor % r9d, % r9d xor % r10d, % r10d xor % r11d, % r11d xor % r12d, % r12d xor % r13d,
    % r13d xor % r14d, % r14d xor % r15d, % r15d.endm
