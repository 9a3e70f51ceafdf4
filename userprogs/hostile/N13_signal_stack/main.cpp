// SPDX-License-Identifier: MIT
// Hostile (catalogue N13): has a signal come while there is no stack for its frame, or to a handler that is none.  The
// frame is never written outside the program's memory; the program ends.
// expect kernel: killed by SIGSEGV
// expect unmapped: killed by SIGSEGV
// expect null: killed by SIGSEGV
// expect read_only: killed by SIGSEGV
// expect alternate: killed by SIGSEGV
// expect handler: killed by SIGSEGV: #PF
// expect restorer: killed by SIGSEGV
#include "lib/cases.h"
#include "lib/hostile_addresses.h"
#include "lib/signals.h"

namespace {

void handler(int, uapi::SigInfo*, uapi::UserContext*) {}

int signal_with_stack(std::uint64_t rsp)
{
    user::handle(uapi::Signal::Sigusr1, handler);
    asm volatile("mov %[rsp], %%rsp; syscall"
                 :
                 : "a"(std::uint64_t{62}), "D"(user::own_id()), "S"(std::uint64_t{10}), [rsp] "r"(rsp)
                 : "rcx", "r11", "memory");
    __builtin_trap();
}

int kernel()
{
    return signal_with_stack(hostile::kKernelImage + 0x1000);
}

int unmapped()
{
    return signal_with_stack(0x1000'0000);
}

int null()
{
    return signal_with_stack(0);
}

int read_only()
{
    return signal_with_stack(reinterpret_cast<std::uint64_t>(&handler));
}

int alternate()
{
    const uapi::AlternateStack stack{hostile::kPhysicalMap, 0, 0, 0x10000};
    user::system_call(uapi::Syscall::Sigaltstack, reinterpret_cast<std::uint64_t>(&stack));
    user::handle(uapi::Signal::Sigusr1, handler, uapi::signal_flag::kOnStack);
    user::raise(uapi::Signal::Sigusr1);
    return user::broke("a handler ran on a stack of the kernel's\n");
}

int nobody()
{
    user::set_action(uapi::Signal::Sigusr1, {hostile::kKernelImage, uapi::signal_flag::kRestorer,
                                             reinterpret_cast<std::uint64_t>(&user::restorer), 0});
    user::raise(uapi::Signal::Sigusr1);
    return user::broke("a handler in the kernel ran\n");
}

int restorer()
{
    user::set_action(uapi::Signal::Sigusr1, {reinterpret_cast<std::uint64_t>(&handler), 0, 0, 0});
    user::raise(uapi::Signal::Sigusr1);
    return user::broke("a handler ran that cannot return\n");
}

constexpr user::Case kCases[] = {{"kernel", kernel},       {"unmapped", unmapped},   {"null", null},
                                 {"read_only", read_only}, {"alternate", alternate}, {"handler", nobody},
                                 {"restorer", restorer}};

} // namespace

int main()
{
    return user::run_case(kCases);
}
