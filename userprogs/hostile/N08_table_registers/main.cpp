// SPDX-License-Identifier: MIT
// Hostile (catalogue N08): asks where the kernel's tables are.
// expect sgdt: killed by SIGSEGV: #GP
// expect sidt: killed by SIGSEGV: #GP
// expect sldt: killed by SIGSEGV: #GP
// expect str: killed by SIGSEGV: #GP
// expect smsw: killed by SIGSEGV: #GP
#include "lib/cases.h"

namespace {

std::uint8_t image[16];

bool has_umip()
{
    constexpr std::uint32_t kUmip = 1 << 2;
    std::uint32_t leaves = 0, ecx = 0, ebx = 0, edx = 0;
    asm volatile("cpuid" : "=a"(leaves), "=b"(ebx), "=c"(ecx), "=d"(edx) : "a"(0), "c"(0));
    std::uint32_t leaf = 7;
    asm volatile("cpuid" : "+a"(leaf), "=b"(ebx), "=c"(ecx), "=d"(edx) : "c"(0));
    return leaves >= 7 && (ecx & kUmip) != 0;
}

// NOLINTBEGIN(bugprone-macro-parentheses): asm takes no parenthesised text
#define ATTEMPT(name, instruction)                                                                                     \
    int name()                                                                                                         \
    {                                                                                                                  \
        if (!has_umip()) {                                                                                             \
            return user::not_here("the CPU has no UMIP\n");                                                            \
        }                                                                                                              \
        asm volatile(instruction : : "m"(image) : "rax", "memory");                                                    \
        return user::broke(#name " was executed in ring 3\n");                                                         \
    }
// NOLINTEND(bugprone-macro-parentheses)
ATTEMPT(sgdt, "sgdt %0")
ATTEMPT(sidt, "sidt %0")
ATTEMPT(sldt, "sldt %%ax")
ATTEMPT(str, "str %%ax")
ATTEMPT(smsw, "smsw %%ax")

constexpr user::Case kCases[] = {{"sgdt", sgdt}, {"sidt", sidt}, {"sldt", sldt}, {"str", str}, {"smsw", smsw}};

} // namespace

int main()
{
    return user::run_case(kCases);
}
