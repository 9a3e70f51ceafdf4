// SPDX-License-Identifier: MIT
// Hostile (catalogue X13): switches interrupts off, which would make it the only program that ever runs.
// CPL 3 > IOPL 0 is #GP(0).
// expect: killed by SIGSEGV: #GP
#include "lib/syscall.h"

int main()
{
    user::print("switching interrupts off\n");
    asm volatile("cli");
    user::print("interrupts are off\n");
    return 1;
}
