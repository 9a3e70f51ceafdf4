// SPDX-License-Identifier: MIT
// The linked vDSO, alone in a page of the kernel's read-only data: programs have it mapped.
#include "asm_offsets.h"

    .section .rodata
    .globl  vdso_image
    .balign PAGE_SIZE
vdso_image:
    .incbin VDSO_FILE
    .balign PAGE_SIZE
