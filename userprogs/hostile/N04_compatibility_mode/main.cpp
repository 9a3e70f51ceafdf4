// SPDX-License-Identifier: MIT
// Hostile (catalogue N04): goes to a 32-bit code segment, and tries the ways into the kernel that only 32-bit code
// has.
// expect null: killed by SIGSEGV: #GP
// expect selector_08: killed by SIGSEGV: #
// expect selector_0b: killed by SIGSEGV: #
// expect selector_10: killed by SIGSEGV: #
// expect selector_18: killed by SIGSEGV: #
// expect selector_1b: killed by SIGSEGV: #
// expect selector_28: killed by SIGSEGV: #
// expect selector_2b: killed by SIGSEGV: #
// expect selector_30: killed by SIGSEGV: #
// expect selector_33: killed by SIGSEGV: #
// expect selector_3b: killed by SIGSEGV: #
// expect selector_43: killed by SIGSEGV: #
// expect selector_07: killed by SIGSEGV: #
// expect selector_0f: killed by SIGSEGV: #
// expect selector_23: exited with status 0
// expect sysenter: killed by SIG
#include "lib/cases.h"

namespace {

struct [[gnu::packed]] FarPointer {
    std::uint64_t offset;
    std::uint16_t selector;
};

/// REX.W LJMP, m16:64 on Intel; AMD reads m16:32, and the target fits in it.
template <std::uint16_t selector> int jump()
{
    FarPointer target{0, selector};
    asm volatile("lea 1f(%%rip), %%rax; mov %%eax, (%0); movw %1, 4(%0); ljmpl *(%0); 1:"
                 :
                 : "r"(&target), "r"(selector)
                 : "rax", "memory");
    // Arriving here means that the selector was one of 64-bit code: in another mode nothing of this could be executed.
    std::uint16_t cs = 0;
    asm volatile("mov %%cs, %0" : "=r"(cs));
    return cs == 0x23 ? user::kSurvived : user::broke("another code segment was loaded\n");
}

int sysenter()
{
    asm volatile("sysenter" : : : "memory");
    return user::broke("SYSENTER came back\n");
}

constexpr user::Case kCases[] = {
    {"null", jump<0>},           {"selector_08", jump<0x08>}, {"selector_0b", jump<0x0b>}, {"selector_10", jump<0x10>},
    {"selector_18", jump<0x18>}, {"selector_1b", jump<0x1b>}, {"selector_28", jump<0x28>}, {"selector_2b", jump<0x2b>},
    {"selector_30", jump<0x30>}, {"selector_33", jump<0x33>}, {"selector_3b", jump<0x3b>}, {"selector_43", jump<0x43>},
    {"selector_07", jump<0x07>}, {"selector_0f", jump<0x0f>}, {"selector_23", jump<0x23>}, {"sysenter", sysenter},
};

} // namespace

int main()
{
    return user::run_case(kCases);
}
