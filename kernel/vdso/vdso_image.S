// SPDX-License-Identifier: MIT
// The linked vDSO, alone in a page of the kernel's read-only data: programs have it mapped.
#include "asm_offsets.h"

    .section .rodata
    .globl  vdso_image_begin
    .balign PAGE_SIZE
vdso_image_begin:
    .incbin VDSO_FILE
    .balign PAGE_SIZE
