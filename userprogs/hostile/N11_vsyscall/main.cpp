// SPDX-License-Identifier: MIT
// Hostile (catalogue N11): the page at a fixed address that other kernels keep for old programs.
// expect read: killed by SIGSEGV: #PF read of 0xffffffffff600000
// expect run: killed by SIGSEGV: #PF execute of 0xffffffffff600000
#include "lib/cases.h"
#include "lib/hostile_addresses.h"

namespace {

int read()
{
    asm volatile("movb (%0), %%al" : : "r"(hostile::kVsyscallPage) : "rax");
    return user::broke("the page can be read\n");
}

int run()
{
    asm volatile("jmp *%0" : : "r"(hostile::kVsyscallPage));
    __builtin_unreachable();
}

constexpr user::Case kCases[] = {{"read", read}, {"run", run}};

} // namespace

int main()
{
    return user::run_case(kCases);
}
