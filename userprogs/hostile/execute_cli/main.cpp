// SPDX-License-Identifier: MIT
// Hostile (catalogue X13): switches interrupts off, which would make it the only program that ever runs.
// Expected: #GP(0) on CLI, because CPL 3 > IOPL 0; killed by SIGSEGV; the kernel goes on.
#include "lib/syscall.h"

int main()
{
    user::print("switching interrupts off\n");
    asm volatile("cli");
    user::print("interrupts are off\n");
    return 1;
}
