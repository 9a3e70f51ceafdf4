// SPDX-License-Identifier: MIT
// Hostile (catalogue R10): lets the kernel copy, fault and be interrupted with DF = 1.
// expect call: exited with status 0
// expect invalid: killed by SIGILL: #UD
// expect fault: killed by SIGSEGV: #PF read of 0x0
// expect timer: exited with status 0
#include "lib/cases.h"
#include "lib/flags.h"
#include "lib/linux.h"
#include "lib/registers.h"

namespace {

constexpr char kText[] =
    "forwards, not backwards: the kernel copies more than one of its buffers of this text, so that a wrong "
    "direction would be seen in what it prints and in what it returns, and in whatever stands before it "
    "in the kernel's memory, which is not for a program to choose.\n";

int call()
{
    const auto after = flags::call_with(flags::kDirection, linux_abi::kWrite, 1, reinterpret_cast<std::uint64_t>(kText),
                                        sizeof kText - 1);
    if (after.result != sizeof kText - 1) {
        return user::broke("the text was not written\n");
    }
    return (after.flags & flags::kDirection) != 0 ? user::kSurvived : user::broke("DF was lost\n");
}

int invalid()
{
    asm volatile("std; ud2");
    __builtin_unreachable();
}

int fault()
{
    asm volatile("std; mov 0, %%rax; ud2" : : : "rax");
    __builtin_unreachable();
}

int timer()
{
    return (flags::compute_with(flags::kDirection, user::kSomeTicks) & flags::kDirection) != 0
               ? user::kSurvived
               : user::broke("DF was lost\n");
}

constexpr user::Case kCases[] = {{"call", call}, {"invalid", invalid}, {"fault", fault}, {"timer", timer}};

} // namespace

int main()
{
    return user::run_case(kCases);
}
