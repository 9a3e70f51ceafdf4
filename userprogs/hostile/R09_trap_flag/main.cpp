// SPDX-License-Identifier: MIT
// Hostile (catalogue R09): single-steps into the kernel.
// expect call: killed by SIGTRAP: #DB
// expect plain: killed by SIGTRAP: #DB
// expect exit: exited with status 0
#include "lib/cases.h"
#include "lib/flags.h"
#include "lib/linux.h"

namespace {

int call()
{
    flags::call_with(flags::kTrap);
    return user::broke("nobody stopped at a single step\n");
}

int plain()
{
    flags::write(flags::read() | flags::kTrap);
    asm volatile("nop; nop");
    return user::broke("nobody stopped at a single step\n");
}

/// FMASK takes TF away with the call, and the call does not come back.
int exit()
{
    flags::call_with(flags::kTrap, linux_abi::kExit, user::kSurvived);
    return user::broke("exit came back\n");
}

constexpr user::Case kCases[] = {{"call", call}, {"plain", plain}, {"exit", exit}};

} // namespace

int main()
{
    return user::run_case(kCases);
}
