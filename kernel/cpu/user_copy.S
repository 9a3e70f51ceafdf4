// SPDX-License-Identifier: MIT
// The only instructions of the kernel that touch user memory.  A #PF, #GP or #SS on one continues at its fixup.
//   in    RDI = destination, RSI = source, RDX = byte count; one of the two is in user space
//   out   RAX = bytes that were not copied, 0 when all were
//   clobbers RCX, RDX, RSI, RDI
// Eight bytes at a time, then the rest; where memory ends among eight bytes, the rest is what of them can be copied.
// STAC and CLAC stand only around the accesses, and only where SMAP is on: elsewhere they are #UD.  [SDM 2B STAC, CLAC]
    .text
    .globl  copy_user_bytes
    .type   copy_user_bytes, @function
copy_user_bytes:
    mov     %rdx, %rcx
    shr     $3, %rcx
    and     $7, %edx
    cmpb    $0, smap_enabled(%rip)
    je      user_access_words
    stac
    .globl  user_access_words
user_access_words:
    rep movsq
    mov     %rdx, %rcx
    .globl  user_access
user_access:
    rep movsb
user_access_fixup:
    cmpb    $0, smap_enabled(%rip)
    je      1f
    clac
1:  mov     %rcx, %rax
    ret

user_access_words_fixup:                // RCX = words that were not copied
    lea     (%rdx,%rcx,8), %rcx
    jmp     user_access
    .size   copy_user_bytes, . - copy_user_bytes

    .pushsection .exception_table, "a"
    .quad   user_access_words, user_access_words_fixup
    .quad   user_access, user_access_fixup
    .popsection
