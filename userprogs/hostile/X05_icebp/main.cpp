// SPDX-License-Identifier: MIT
// Hostile (catalogue X05): a debug exception by an instruction of one byte, which no gate's DPL keeps out. QEMU's TCG
// does not know it.
// expect: killed by SIGTRAP: #DB
// expect in qemu: killed by SIGILL: #UD
#include "lib/cases.h"

int main()
{
    asm volatile(".byte 0xf1");
    return user::broke("nobody stopped\n");
}
