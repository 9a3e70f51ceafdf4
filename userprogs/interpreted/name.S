// SPDX-License-Identifier: MIT
// Who is to make this program ready to run: of this section the linker makes a PT_INTERP.  [System V gABI "Program
// Interpreter"]
    .section .interp, "a", @progbits
    .asciz  "/interpreter"
