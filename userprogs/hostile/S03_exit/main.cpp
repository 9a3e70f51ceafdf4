// SPDX-License-Identifier: MIT
// Hostile (catalogue S03, S04): ends, with its page tables and its kernel stack still in use by the CPU, in each way
// there is. What is freed is used again by the next one.
// expect exit: exited with status 3
// expect exit_group: exited with status 4
// expect killed: killed by SIGILL: #UD
// expect exit_again: exited with status 3
// expect killed_again: killed by SIGILL: #UD
#include "lib/cases.h"
#include "lib/linux.h"

namespace {

int exit()
{
    user::exit(3);
}

int exit_group()
{
    user::raw_call(linux_abi::kExitGroup, 4);
    return user::broke("exit_group came back\n");
}

int killed()
{
    asm volatile("ud2");
    __builtin_unreachable();
}

constexpr user::Case kCases[] = {
    {"exit", exit}, {"exit_group", exit_group}, {"killed", killed}, {"exit_again", exit}, {"killed_again", killed}};

} // namespace

int main()
{
    return user::run_case(kCases);
}
