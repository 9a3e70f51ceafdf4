// SPDX-License-Identifier: MIT
// Hostile (catalogue R06): enters the kernel in every way with a stack pointer that is not its own.
// expect call: exited with status 0
// expect breakpoint: killed by SIGTRAP: #BP
// expect breakpoint_hole: killed by SIGTRAP: #BP
// expect invalid: killed by SIGILL: #UD
// expect fault: killed by SIGSEGV: #PF read of 0x0
// expect timer: exited with status 0
#include "lib/cases.h"
#include "lib/flags.h"
#include "lib/hostile_addresses.h"
#include "lib/linux.h"
#include "lib/registers.h"

namespace {

/// An unknown call with RSP = `rsp`.
std::int64_t call_on(std::uint64_t rsp)
{
    std::int64_t result = 0;
    asm volatile("mov %%rsp, %%r12; mov %[rsp], %%rsp; syscall; mov %%r12, %%rsp"
                 : "=a"(result)
                 : "a"(flags::kUnknownCall), [rsp] "r"(rsp)
                 : "rcx", "r11", "r12", "memory");
    return result;
}

int call()
{
    for (const std::uint64_t rsp : hostile::kBad) {
        if (call_on(rsp) != linux_abi::kNoSuchCall) {
            return user::broke("a call went wrong\n");
        }
    }
    return user::kSurvived;
}

int breakpoint()
{
    asm volatile("mov %0, %%rsp; int3; ud2" : : "r"(hostile::kPhysicalMap));
    __builtin_unreachable();
}

int breakpoint_hole()
{
    asm volatile("mov %0, %%rsp; int3; ud2" : : "r"(hostile::kNonCanonical));
    __builtin_unreachable();
}

int invalid()
{
    asm volatile("mov %0, %%rsp; ud2" : : "r"(hostile::kKernelStacks + 1));
    __builtin_unreachable();
}

int fault()
{
    asm volatile("mov %0, %%rsp; mov 0, %%rax; ud2" : : "r"(hostile::kKernelImage) : "rax");
    __builtin_unreachable();
}

int timer()
{
    for (const std::uint64_t rsp : {hostile::kPhysicalMap, hostile::kNonCanonical, std::uint64_t{0}}) {
        std::uint64_t steps = user::kSomeTicks, after = 0;
        asm volatile(
            "mov %%rsp, %%r12; mov %[rsp], %%rsp; 1: dec %[steps]; jnz 1b; mov %%rsp, %[after]; mov %%r12, %%rsp"
            : [steps] "+r"(steps), [after] "=&r"(after)
            : [rsp] "r"(rsp)
            : "r12", "cc");
        if (after != rsp) {
            return user::broke("RSP has changed\n");
        }
    }
    return user::kSurvived;
}

constexpr user::Case kCases[] = {{"call", call},       {"breakpoint", breakpoint}, {"breakpoint_hole", breakpoint_hole},
                                 {"invalid", invalid}, {"fault", fault},           {"timer", timer}};

} // namespace

int main()
{
    return user::run_case(kCases);
}
