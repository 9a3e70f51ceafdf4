// SPDX-License-Identifier: MIT
// Hostile (catalogue X10): tries to make the CPU fault while it delivers a fault.
// expect recursion: killed by SIGSEGV: #PF write
// expect kernel_stack: killed by SIGSEGV: #PF write
// expect no_stack: killed by SIGSEGV: #PF write of 0xfffffffffffffff8
// expect hole: killed by SIGBUS: #SS
// expect hole in qemu: killed by SIGSEGV: #
// expect jump_hole: killed by SIGSEGV: #GP
// expect jump_kernel: killed by SIGSEGV: #PF
#include "lib/cases.h"
#include "lib/hostile_addresses.h"

namespace {

/// Calls itself, with 32 KiB of its own each time, until there is no stack left.
int recursion()
{
    asm volatile("1: sub $0x8000, %rsp; call 1b");
    __builtin_unreachable();
}

[[noreturn]] void push_on(std::uint64_t rsp)
{
    asm volatile("mov %0, %%rsp; push $0; ud2" : : "r"(rsp));
    __builtin_unreachable();
}

int kernel_stack()
{
    push_on(hostile::kKernelStacks + 0x5000);
}

int no_stack()
{
    push_on(0);
}

int hole()
{
    push_on(hostile::kNonCanonical + 8);
}

int jump_hole()
{
    asm volatile("jmp *%0" : : "r"(hostile::kNonCanonical));
    __builtin_unreachable();
}

int jump_kernel()
{
    asm volatile("jmp *%0" : : "r"(hostile::kKernelImage));
    __builtin_unreachable();
}

constexpr user::Case kCases[] = {{"recursion", recursion}, {"kernel_stack", kernel_stack},
                                 {"no_stack", no_stack},   {"hole", hole},
                                 {"jump_hole", jump_hole}, {"jump_kernel", jump_kernel}};

} // namespace

int main()
{
    return user::run_case(kCases);
}
