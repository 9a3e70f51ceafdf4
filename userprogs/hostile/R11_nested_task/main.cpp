// SPDX-License-Identifier: MIT
// Hostile (catalogue R11): enters the kernel with NT = 1, with which an IRETQ faults.
// expect call: exited with status 0
// expect traced: killed by SIGTRAP: #DB
// expect breakpoint: killed by SIGTRAP: #BP
// expect timer: exited with status 0
#include "lib/cases.h"
#include "lib/flags.h"
#include "lib/linux.h"
#include "lib/registers.h"

namespace {

int call()
{
    const auto after = flags::call_with(flags::kNestedTask);
    return after.result == linux_abi::kNoSuchCall ? user::kSurvived : user::broke("the call went wrong\n");
}

/// TF makes the kernel return by IRETQ.
int traced()
{
    flags::call_with(flags::kNestedTask | flags::kTrap);
    return user::broke("nobody stopped at a single step\n");
}

int breakpoint()
{
    flags::write(flags::read() | flags::kNestedTask);
    asm volatile("int3");
    return user::broke("nobody stopped at a breakpoint\n");
}

int timer()
{
    return (flags::compute_with(flags::kNestedTask, user::kSomeTicks) & flags::kNestedTask) != 0
               ? user::kSurvived
               : user::broke("NT was lost\n");
}

constexpr user::Case kCases[] = {{"call", call}, {"traced", traced}, {"breakpoint", breakpoint}, {"timer", timer}};

} // namespace

int main()
{
    return user::run_case(kCases);
}
