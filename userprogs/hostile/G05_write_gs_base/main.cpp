// SPDX-License-Identifier: MIT
// Hostile (catalogue G05): gives GS a base that looks like the kernel's, which would deceive an entry that judges by
// its sign.
// expect: killed by SIGILL: #UD
#include "lib/cases.h"

int main()
{
    asm volatile("wrgsbase %0" : : "r"(0xffff'8000'dead'beef));
    return user::broke("GS base was written\n");
}
