// SPDX-License-Identifier: MIT
// Hostile (catalogue R07): a call whose registers look as if the kernel itself had made it. A guard that believes RSP
// or RCX would write what it is given where it is told to, and go on in ring 0.
// expect: exited with status 0
#include "lib/cases.h"
#include "lib/flags.h"
#include "lib/hostile_addresses.h"
#include "lib/linux.h"
#include "lib/registers.h"

int main()
{
    for (const std::uint64_t rsp : {hostile::kPhysicalMap, hostile::kKernelStacks + 0x4000, hostile::kKernelImage}) {
        std::int64_t result = 0;
        std::uint64_t payload = 0x4141'4141'4141'4141;
        asm volatile("mov %%rsp, %%r12; mov %[rsp], %%rsp; syscall; mov %%r12, %%rsp"
                     : "=a"(result), "+d"(payload)
                     : "a"(flags::kUnknownCall), [rsp] "r"(rsp), "D"(payload), "S"(payload)
                     : "rcx", "r11", "r12", "memory");
        if (result != linux_abi::kNoSuchCall || payload != 0x4141'4141'4141'4141) {
            return user::broke("the call was not an ordinary one\n");
        }
    }
    return user::kSurvived;
}
