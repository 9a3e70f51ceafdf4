// SPDX-License-Identifier: MIT
// Hostile (catalogue G01): has a GS of its own when it is interrupted, faults and calls.
// expect call: exited with status 0
// expect fault: killed by SIGSEGV: #PF read of 0x0
// expect timer: exited with status 0
#include "lib/cases.h"
#include "lib/flags.h"
#include "lib/linux.h"
#include "lib/registers.h"

namespace {

constexpr std::uint16_t kUserData = 0x1b;

void load_selectors()
{
    asm volatile("mov %0, %%gs; mov %0, %%fs" : : "r"(kUserData));
}

bool selectors_are_loaded()
{
    std::uint16_t gs = 0, fs = 0;
    asm volatile("mov %%gs, %0; mov %%fs, %1" : "=r"(gs), "=r"(fs));
    return gs == kUserData && fs == kUserData;
}

int call()
{
    load_selectors();
    if (flags::call_with(0).result != linux_abi::kNoSuchCall) {
        return user::broke("the call went wrong\n");
    }
    return selectors_are_loaded() ? user::kSurvived : user::broke("a selector has changed\n");
}

int fault()
{
    load_selectors();
    asm volatile("mov 0, %%rax" : : : "rax");
    return user::broke("nothing can be read at 0\n");
}

int timer()
{
    load_selectors();
    flags::compute_with(0, user::kSomeTicks);
    return selectors_are_loaded() ? user::kSurvived : user::broke("a selector has changed\n");
}

constexpr user::Case kCases[] = {{"call", call}, {"fault", fault}, {"timer", timer}};

} // namespace

int main()
{
    return user::run_case(kCases);
}
