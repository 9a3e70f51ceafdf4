// SPDX-License-Identifier: MIT
// Hostile (catalogue X13): executes each instruction that is for ring 0 alone. What the CPU does not know at all is
// #UD.
// expect cli: killed by SIGSEGV: #GP
// expect sti: killed by SIGSEGV: #GP
// expect hlt: killed by SIGSEGV: #GP
// expect clts: killed by SIGSEGV: #GP
// expect lgdt: killed by SIGSEGV: #GP
// expect lidt: killed by SIGSEGV: #GP
// expect lldt: killed by SIGSEGV: #GP
// expect ltr: killed by SIGSEGV: #GP
// expect lmsw: killed by SIGSEGV: #GP
// expect read_cr0: killed by SIGSEGV: #GP
// expect read_cr3: killed by SIGSEGV: #GP
// expect write_cr3: killed by SIGSEGV: #GP
// expect write_cr4: killed by SIGSEGV: #GP
// expect write_cr8: killed by SIGSEGV: #GP
// expect read_dr7: killed by SIGSEGV: #GP
// expect write_dr7: killed by SIGSEGV: #GP
// expect invlpg: killed by SIGSEGV: #GP
// expect wbinvd: killed by SIGSEGV: #GP
// expect invd: killed by SIGSEGV: #GP
// expect rdmsr: killed by SIGSEGV: #GP
// expect wrmsr: killed by SIGSEGV: #GP
// expect swapgs: killed by SIGSEGV: #GP
// expect sysretq: killed by SIGSEGV: #GP
// expect sysexit: killed by SIG
// expect xsetbv: killed by SIG
// expect monitor: killed by SIG
// expect rsm: killed by SIGILL: #UD
// expect vmcall: killed by SIGILL: #UD
#include "lib/cases.h"

namespace {

// NOLINTBEGIN(bugprone-macro-parentheses): asm takes no parenthesised text
#define ATTEMPT(name, instructions)                                                                                    \
    int name()                                                                                                         \
    {                                                                                                                  \
        asm volatile(instructions : : : "rax", "rcx", "rdx", "memory");                                                \
        return user::broke(#name " was executed in ring 3\n");                                                         \
    }
// NOLINTEND(bugprone-macro-parentheses)
ATTEMPT(cli, "cli")
ATTEMPT(sti, "sti")
ATTEMPT(hlt, "hlt")
ATTEMPT(clts, "clts")
ATTEMPT(lgdt, "lgdt (%%rsp)")
ATTEMPT(lidt, "lidt (%%rsp)")
ATTEMPT(lldt, "xor %%eax, %%eax; lldt %%ax")
ATTEMPT(ltr, "mov $0x28, %%eax; ltr %%ax")
ATTEMPT(lmsw, "xor %%eax, %%eax; lmsw %%ax")
ATTEMPT(read_cr0, "mov %%cr0, %%rax")
ATTEMPT(read_cr3, "mov %%cr3, %%rax")
ATTEMPT(write_cr3, "xor %%eax, %%eax; mov %%rax, %%cr3")
ATTEMPT(write_cr4, "xor %%eax, %%eax; mov %%rax, %%cr4")
ATTEMPT(write_cr8, "xor %%eax, %%eax; mov %%rax, %%cr8")
ATTEMPT(read_dr7, "mov %%dr7, %%rax")
ATTEMPT(write_dr7, "xor %%eax, %%eax; mov %%rax, %%dr7")
ATTEMPT(invlpg, "invlpg (%%rsp)")
ATTEMPT(wbinvd, "wbinvd")
ATTEMPT(invd, "invd")
ATTEMPT(rdmsr, "mov $0xc0000082, %%ecx; rdmsr")
ATTEMPT(wrmsr, "mov $0xc0000082, %%ecx; wrmsr")
ATTEMPT(swapgs, "swapgs")
ATTEMPT(sysretq, "sysretq")
ATTEMPT(sysexit, "sysexit")
ATTEMPT(xsetbv, "xor %%ecx, %%ecx; xsetbv")
ATTEMPT(monitor, "monitor")
ATTEMPT(rsm, "rsm")
ATTEMPT(vmcall, "vmcall")

constexpr user::Case kCases[] = {
    {"cli", cli},
    {"sti", sti},
    {"hlt", hlt},
    {"clts", clts},
    {"lgdt", lgdt},
    {"lidt", lidt},
    {"lldt", lldt},
    {"ltr", ltr},
    {"lmsw", lmsw},
    {"read_cr0", read_cr0},
    {"read_cr3", read_cr3},
    {"write_cr3", write_cr3},
    {"write_cr4", write_cr4},
    {"write_cr8", write_cr8},
    {"read_dr7", read_dr7},
    {"write_dr7", write_dr7},
    {"invlpg", invlpg},
    {"wbinvd", wbinvd},
    {"invd", invd},
    {"rdmsr", rdmsr},
    {"wrmsr", wrmsr},
    {"swapgs", swapgs},
    {"sysretq", sysretq},
    {"sysexit", sysexit},
    {"xsetbv", xsetbv},
    {"monitor", monitor},
    {"rsm", rsm},
    {"vmcall", vmcall},
};

} // namespace

int main()
{
    return user::run_case(kCases);
}
