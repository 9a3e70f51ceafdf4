// SPDX-License-Identifier: MIT
// The memory functions that the compiler may call from any C++ code, as the C standard has them.
// Eight bytes a step where that is possible: an emulator counts each step of a REP as an instruction, so that clearing
// a frame costs 512 of them.  The direction flag is clear in the kernel: FMASK and the gates' entries see to it.

    .text

// in    RDI = destination, SIL = byte, RDX = count
// out   RAX = destination
// clobbers RCX, R8, RDI
    .globl  memset
    .type   memset, @function
memset:
    mov     %rdi, %r8
    movzbl  %sil, %eax
    movabs  $0x0101010101010101, %rcx
    imul    %rcx, %rax
    mov     %rdx, %rcx
    shr     $3, %rcx
    rep stosq
    mov     %edx, %ecx
    and     $7, %ecx
    rep stosb
    mov     %r8, %rax
    ret
    .size   memset, . - memset

// in    RDI = destination, RSI = source, RDX = count; the two do not overlap, or the destination is the lower one
// out   RAX = destination
// clobbers RCX, RSI, RDI
    .globl  memcpy
    .type   memcpy, @function
memcpy:
    mov     %rdi, %rax
forward:
    mov     %rdx, %rcx
    shr     $3, %rcx
    rep movsq
    mov     %edx, %ecx
    and     $7, %ecx
    rep movsb
    ret
    .size   memcpy, . - memcpy

// in    RDI = destination, RSI = source, RDX = count; they may overlap
// out   RAX = destination
// clobbers RCX, R8, RSI, RDI
    .globl  memmove
    .type   memmove, @function
memmove:
    mov     %rdi, %rax
    mov     %rdi, %r8
    sub     %rsi, %r8
    cmp     %rdx, %r8
    jae     forward                     // unsigned: the destination is lower, or beyond the source's end
    // Downwards from the last byte: first the bytes that fill no word, then words.
    std
    lea     -1(%rdi,%rdx), %rdi
    lea     -1(%rsi,%rdx), %rsi
    mov     %edx, %ecx
    and     $7, %ecx
    rep movsb
    sub     $7, %rdi
    sub     $7, %rsi
    mov     %rdx, %rcx
    shr     $3, %rcx
    rep movsq
    cld
    ret
    .size   memmove, . - memmove

// in    RDI, RSI = two memories, RDX = count
// out   EAX < 0, = 0 or > 0 as the first different byte of RDI's is below, absent or above
// clobbers RCX, RSI, RDI
    .globl  memcmp
    .type   memcmp, @function
memcmp:
    xor     %eax, %eax
    mov     %rdx, %rcx
    cmp     %rcx, %rcx                  // ZF = 1: nothing differs when the count is 0
    repe cmpsb
    je      1f
    movzbl  -1(%rdi), %eax
    movzbl  -1(%rsi), %ecx
    sub     %ecx, %eax
1:  ret
    .size   memcmp, . - memcmp

// in    RDI = NUL-terminated text
// out   RAX = its length without the NUL
// clobbers RCX, RDI
    .globl  strlen
    .type   strlen, @function
strlen:
    xor     %eax, %eax
    mov     $-1, %rcx
    repne scasb
    mov     $-2, %rax
    sub     %rcx, %rax
    ret
    .size   strlen, . - strlen

    .section .note.GNU-stack, "", @progbits
