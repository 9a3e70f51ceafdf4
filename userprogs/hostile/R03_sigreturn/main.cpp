// SPDX-License-Identifier: MIT
// Hostile (catalogue R03, R04, R05, N13): asks rt_sigreturn for a state that only a kernel may have: segments of ring
// 0, none at all, IOPL 3, an instruction pointer outside user space. Where there is no such call, its number is
// unknown.
// expect: exited with status 0
#include "lib/cases.h"
#include "lib/hostile_addresses.h"
#include "lib/linux.h"

namespace {

/// What stands at RSP when the call is made.  [Linux uapi asm/sigcontext.h, asm/ucontext.h]
struct SignalFrame {
    std::uint64_t flags = 0, link = 0, stack[3] = {};
    std::uint64_t r8_to_r15[8] = {}, rdi = 0, rsi = 0, rbp = 0, rbx = 0, rdx = 0, rax = 0, rcx = 0, rsp = 0, rip = 0,
                  rflags = 0;
    std::uint16_t cs = 0, gs = 0, fs = 0, ss = 0;
    std::uint64_t error = 0, trap = 0, mask = 0, cr2 = 0, float_state = 0, reserved[8] = {}, signals = 0;
};

std::int64_t sigreturn(const SignalFrame& frame)
{
    std::int64_t result = 0;
    asm volatile("mov %%rsp, %%r12; mov %[frame], %%rsp; syscall; mov %%r12, %%rsp"
                 : "=a"(result)
                 : "a"(std::uint64_t{linux_abi::kSigreturn}), [frame] "r"(&frame)
                 : "rcx", "r11", "r12", "memory");
    return result;
}

} // namespace

int main()
{
    constexpr std::uint16_t kUserCode = 0x23, kUserData = 0x1b;
    constexpr std::uint64_t kOrdinary = 0x202, kEverything = 0x3f7fd7;
    const SignalFrame frames[] = {
        {.rip = 0x400000, .rflags = kOrdinary, .cs = 0x08, .ss = 0x10},
        {.rip = 0x400000, .rflags = kOrdinary, .cs = 0x0b, .ss = 0x13},
        {.rip = 0x400000, .rflags = kOrdinary, .cs = kUserCode, .ss = 0},
        {.rip = 0x400000, .rflags = kOrdinary, .cs = 0, .ss = kUserData},
        {.rip = 0x400000, .rflags = kOrdinary, .cs = 0x2b, .ss = 0x2b},
        {.rip = 0x400000, .rflags = kEverything, .cs = kUserCode, .ss = kUserData},
        {.rip = hostile::kNonCanonical, .rflags = kOrdinary, .cs = kUserCode, .ss = kUserData},
        {.rsp = hostile::kPhysicalMap,
         .rip = hostile::kKernelImage,
         .rflags = kOrdinary,
         .cs = kUserCode,
         .ss = kUserData},
    };
    for (const SignalFrame& frame : frames) {
        if (sigreturn(frame) != linux_abi::kNoSuchCall) {
            return user::broke("rt_sigreturn came back with something else than ENOSYS\n");
        }
    }
    return user::kSurvived;
}
