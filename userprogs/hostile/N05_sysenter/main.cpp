// SPDX-License-Identifier: MIT
// Hostile (catalogue N05): SYSENTER with TF and NT set, which the instruction does not mask.
// expect: killed by SIG
#include "lib/cases.h"
#include "lib/flags.h"

int main()
{
    asm volatile("push %0; popfq; sysenter" : : "r"(flags::read() | flags::kTrap | flags::kNestedTask));
    return user::broke("SYSENTER came back\n");
}
