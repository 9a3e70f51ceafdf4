// SPDX-License-Identifier: MIT
// Hostile (catalogue R14): a call that returns with TF set. One trap, behind the instruction after SYSCALL, and no
// more.
// expect: killed by SIGTRAP: #DB
#include "lib/cases.h"
#include "lib/flags.h"

int main()
{
    user::print("stepping over a call\n");
    flags::call_with(flags::kTrap);
    return user::broke("nobody stopped at a single step\n");
}
