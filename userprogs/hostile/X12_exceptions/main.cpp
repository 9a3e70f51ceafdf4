// SPDX-License-Identifier: MIT
// Hostile (catalogue X12): every exception that a program can raise. It alone ends, by the signal that Linux sends.
// QEMU's TCG and ringcheck raise no #XM.
// expect de: killed by SIGFPE: #DE
// expect db: killed by SIGTRAP: #DB
// expect bp: killed by SIGTRAP: #BP
// expect of: killed by SIGSEGV: #OF
// expect ud: killed by SIGILL: #UD
// expect ss: killed by SIGBUS: #SS
// expect ss in qemu: killed by SIGSEGV: #
// expect gp: killed by SIGSEGV: #GP
// expect pf: killed by SIGSEGV: #PF read of 0x0
// expect mf: killed by SIGFPE: #MF
// expect xm: killed by SIGFPE: #XM
#include "lib/cases.h"
#include "lib/flags.h"
#include "lib/hostile_addresses.h"

namespace {

int de()
{
    asm volatile("xor %%eax, %%eax; xor %%edx, %%edx; div %%eax" : : : "eax", "edx", "cc");
    return user::kBroke;
}

int db()
{
    flags::write(flags::read() | flags::kTrap);
    asm volatile("nop");
    return user::kBroke;
}

int bp()
{
    asm volatile("int3");
    return user::kBroke;
}

int of()
{
    asm volatile("int $4");
    return user::kBroke;
}

int ud()
{
    asm volatile("ud2");
    return user::kBroke;
}

int ss()
{
    asm volatile("mov %0, %%rbp; mov (%%rbp), %%rax; ud2" : : "r"(hostile::kNonCanonical));
    return user::kBroke;
}

int gp()
{
    asm volatile("mov (%0), %%rax" : : "r"(hostile::kNonCanonical) : "rax");
    return user::kBroke;
}

int pf()
{
    asm volatile("mov 0, %%rax" : : : "rax");
    return user::kBroke;
}

int mf()
{
    constexpr std::uint16_t kUnmaskAll = 0x340;
    asm volatile("fninit; fldcw %0; fld1; fldz; fdivrp; fwait" : : "m"(kUnmaskAll));
    return user::kBroke;
}

int xm()
{
    constexpr std::uint32_t kUnmaskAll = 0;
    asm volatile("ldmxcsr %0; xorps %%xmm1, %%xmm1; movaps %%xmm1, %%xmm0; divss %%xmm1, %%xmm0"
                 :
                 : "m"(kUnmaskAll)
                 : "xmm0", "xmm1");
    return user::not_here("this CPU raises no #XM\n");
}

constexpr user::Case kCases[] = {{"de", de}, {"db", db}, {"bp", bp}, {"of", of}, {"ud", ud},
                                 {"ss", ss}, {"gp", gp}, {"pf", pf}, {"mf", mf}, {"xm", xm}};

} // namespace

int main()
{
    return user::run_case(kCases);
}
