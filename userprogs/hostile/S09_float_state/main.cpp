// SPDX-License-Identifier: MIT
// Hostile (catalogue S09): loads float state that the CPU refuses. The kernel must never be the one that loads it.
// QEMU and ringcheck take reserved bits of MXCSR, which a CPU refuses.
// expect mxcsr: killed by SIGSEGV: #GP
// expect fxrstor: killed by SIGSEGV: #GP
#include "lib/cases.h"

namespace {

constexpr std::uint32_t kReservedBits = 0xffff'0000;

int mxcsr()
{
    asm volatile("ldmxcsr %0" : : "m"(kReservedBits));
    return user::not_here("this CPU takes reserved bits of MXCSR\n");
}

int fxrstor()
{
    constexpr unsigned kMxcsr = 24;
    alignas(16) static unsigned char image[512];
    __builtin_memcpy(image + kMxcsr, &kReservedBits, sizeof kReservedBits);
    asm volatile("fxrstor64 %0" : : "m"(image));
    return user::not_here("this CPU takes reserved bits of MXCSR\n");
}

constexpr user::Case kCases[] = {{"mxcsr", mxcsr}, {"fxrstor", fxrstor}};

} // namespace

int main()
{
    return user::run_case(kCases);
}
