// SPDX-License-Identifier: MIT
// SYSCALL and SYSRET.  [SDM 2B SYSCALL, SYSRET "Operation"]
#include "arch/control_registers.h"
#include "arch/msr.h"
#include "cpu/registers.h"
#include "families.h"
#include "landing.h"
#include "scenario.h"
#include "world.h"

namespace conformance {
namespace {

using arch::Msr;
using arch::Ring;

SNIPPET(syscall_code, "syscall");
SNIPPET(sysretq, "sysretq");
SNIPPET(sysretl, "sysretl");
SNIPPET(jump, "jmp *%rcx");

void disable_syscall(std::uint64_t)
{
    kernel::write_msr(Msr::IA32_EFER, kernel::read_msr(Msr::IA32_EFER) & ~arch::efer::kSyscallEnable);
}

void set_fmask(std::uint64_t mask)
{
    kernel::write_msr(Msr::IA32_FMASK, mask);
}

void set_star(std::uint64_t star)
{
    kernel::write_msr(Msr::IA32_STAR, star);
}

constexpr std::uint64_t kAllFlags = 0x2 | arch::rflags::kArithmetic | arch::rflags::kDirection |
                                    arch::rflags::kInterrupt | arch::rflags::kIopl.mask() | arch::rflags::kNestedTask |
                                    arch::rflags::kAlignmentCheck | arch::rflags::kIdentification;

void run_sysret(const char* name, const Snippet& code)
{
    const std::uint64_t back = landing::user();
    const auto sysret = [&](const char* what, Scenario scenario) {
        scenario.code = code;
        run({name, what}, scenario);
    };
    sysret("-r0", {.code = code, .rcx = back, .r11 = 0x202});
    sysret("-r3", {.code = code, .ring = Ring::User, .rcx = back, .r11 = 0x202});
    sysret("-without-sce-r0", {.code = code, .rcx = back, .r11 = 0x202, .setup = disable_syscall});
    sysret("-rcx-non-canonical-r0", {.code = code, .rcx = world::kNonCanonical, .r11 = 0x202});
    sysret("-rcx-high-non-canonical-r0", {.code = code, .rcx = 0xffff'7fff'ffff'f000, .r11 = 0x202});
    sysret("-rcx-kernel-address-r0", {.code = code, .rcx = landing::kernel(), .r11 = 0x202});
    sysret("-rcx-absent-r0", {.code = code, .rcx = world::kAbsent, .r11 = 0x202});
    sysret("-r11-all-flags-r0", {.code = code, .rcx = back, .r11 = kAllFlags});
    sysret("-r11-every-bit-r0", {.code = code, .rcx = back, .r11 = ~arch::rflags::kTrap});
    sysret("-r11-zero-r0", {.code = code, .rcx = back, .r11 = 0});
    sysret("-r11-vm86-r0", {.code = code, .rcx = back, .r11 = 0x2'0202});
    sysret("-keeps-bad-rsp-r0", {.code = code, .rcx = back, .r11 = 0x202, .rsp = world::kNonCanonical});
}

} // namespace

void run_syscalls()
{
    run_in_both_rings("syscall", {.code = syscall_code});
    run_in_both_rings("syscall-without-sce", {.code = syscall_code, .setup = disable_syscall});
    run_in_both_rings("syscall-all-flags", {.code = syscall_code, .rflags = kAllFlags});
    run_in_both_rings("syscall-fmask-all",
                      {.code = syscall_code, .rflags = kAllFlags, .setup = set_fmask, .argument = 0xffff'ffff});
    run_in_both_rings("syscall-fmask-none", {.code = syscall_code, .rflags = kAllFlags, .setup = set_fmask});
    run_in_both_rings("syscall-bad-rsp", {.code = syscall_code, .rsp = world::kNonCanonical});
    run_in_both_rings("syscall-star-rpl-3",
                      {.code = syscall_code,
                       .setup = set_star,
                       .argument = arch::star::kSyscallBase.put(world::selector::kKernelCode | 3)});
    run_in_both_rings("syscall-star-other",
                      {.code = syscall_code, .setup = set_star, .argument = arch::star::kSyscallBase.put(0x140)});
    run("syscall-at-the-last-user-address-r3",
        {.code = jump, .ring = Ring::User, .rcx = world::kLastUserPage + arch::kPageSize - 2});
    run_sysret("sysretq", sysretq);
    run_sysret("sysretl", sysretl);
    run("sysretq-star-rpl-0-r0", {.code = sysretq,
                                  .rcx = landing::user(),
                                  .r11 = 0x202,
                                  .setup = set_star,
                                  .argument = arch::star::kSysretBase.put(world::selector::kKernelData)});
}

} // namespace conformance
