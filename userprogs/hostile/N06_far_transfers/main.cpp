// SPDX-License-Identifier: MIT
// Hostile (catalogue N06): far calls, far returns and IRETQ to segments that are not a program's.
// expect call_kernel: killed by SIGSEGV: #GP
// expect call_tss: killed by SIGSEGV: #GP
// expect call_ldt: killed by SIGSEGV: #GP
// expect call_beyond: killed by SIGSEGV: #GP
// expect return_kernel: killed by SIGSEGV: #GP
// expect iret_kernel: killed by SIGSEGV: #GP
// expect iret_kernel_stack: killed by SIGSEGV: #GP
// expect iret_io: killed by SIGSEGV: #GP
// QEMU's TCG reads the frame with the rights of ring 0, which SMAP does not let.
// expect return_kernel in qemu-max: killed by SIGSEGV: #PF
// expect iret_kernel in qemu-max: killed by SIGSEGV: #PF
// expect iret_kernel_stack in qemu-max: killed by SIGSEGV: #PF
// expect iret_io in qemu-max: killed by SIGSEGV: #PF
#include "lib/cases.h"
#include "lib/flags.h"

namespace {

struct [[gnu::packed]] FarPointer {
    std::uint32_t offset;
    std::uint16_t selector;
};

template <std::uint16_t selector> int call()
{
    const FarPointer target{0x40'0000, selector};
    asm volatile("lcall *%0" : : "m"(target) : "memory");
    return user::broke("a far call came back\n");
}

int return_kernel()
{
    asm volatile("push $0x08; lea 1f(%%rip), %%rax; push %%rax; lretq; 1:" : : : "rax", "memory");
    return user::broke("a far return to ring 0 came through\n");
}

template <std::uint16_t code, std::uint16_t stack> int iret()
{
    asm volatile("mov %%rsp, %%rcx; push %0; push %%rcx; pushfq; push %1; lea 1f(%%rip), %%rax; push %%rax; iretq; 1:"
                 :
                 : "i"(stack), "i"(code)
                 : "rax", "rcx", "memory");
    return user::broke("IRETQ to ring 0 came through\n");
}

/// IRETQ in ring 3 leaves IOPL alone; the CLI after it shows that.
int iret_io()
{
    asm volatile(
        "mov %%rsp, %%rcx; push $0x1b; push %%rcx; push %0; push $0x23; lea 1f(%%rip), %%rax; push %%rax; iretq; "
        "1: cli"
        :
        : "r"(flags::read() | flags::kIoPrivilege)
        : "rax", "rcx", "memory");
    return user::broke("IRETQ gave IOPL 3\n");
}

constexpr user::Case kCases[] = {{"call_kernel", call<0x08>},
                                 {"call_tss", call<0x2b>},
                                 {"call_ldt", call<0x0f>},
                                 {"call_beyond", call<0xfffb>},
                                 {"return_kernel", return_kernel},
                                 {"iret_kernel", iret<0x08, 0x10>},
                                 {"iret_kernel_stack", iret<0x23, 0x10>},
                                 {"iret_io", iret_io}};

} // namespace

int main()
{
    return user::run_case(kCases);
}
