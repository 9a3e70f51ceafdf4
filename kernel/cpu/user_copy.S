// SPDX-License-Identifier: MIT
// The only instruction of the kernel that touches user memory.  A #PF, #GP or #SS on it continues at its fixup.
//   in    RDI = destination, RSI = source, RDX = byte count; one of the two is in user space
//   out   RAX = bytes that were not copied, 0 when all were
//   clobbers RCX, RSI, RDI
// STAC and CLAC stand only around the access, and only where SMAP is on: elsewhere they are #UD.  [SDM 2B STAC, CLAC]
    .text
    .globl  copy_user_bytes
    .type   copy_user_bytes, @function
copy_user_bytes:
    mov     %rdx, %rcx
    cmpb    $0, smap_enabled(%rip)
    je      user_access
    stac
user_access:
    rep movsb
user_access_fixup:
    cmpb    $0, smap_enabled(%rip)
    je      1f
    clac
1:  mov     %rcx, %rax
    ret
    .size   copy_user_bytes, . - copy_user_bytes

    .pushsection .exception_table, "a"
    .quad   user_access, user_access_fixup
    .popsection
