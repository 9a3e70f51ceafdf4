// SPDX-License-Identifier: MIT
// Hostile (catalogue N09): RDPMC is for ring 0 (CR4.PCE = 0), RDTSC for everybody (CR4.TSD = 0).
// expect rdpmc: killed by SIG
// expect rdtsc: exited with status 0
#include "lib/cases.h"

namespace {

int rdpmc()
{
    asm volatile("rdpmc" : : "c"(0) : "rax", "rdx");
    return user::broke("RDPMC was executed\n");
}

int rdtsc()
{
    asm volatile("rdtsc" : : : "rax", "rdx");
    return user::kSurvived;
}

constexpr user::Case kCases[] = {{"rdpmc", rdpmc}, {"rdtsc", rdtsc}};

} // namespace

int main()
{
    return user::run_case(kCases);
}
