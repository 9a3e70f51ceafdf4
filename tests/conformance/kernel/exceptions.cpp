// SPDX-License-Identifier: MIT
// Each exception that an instruction raises, from ring 0 and from ring 3.
// [SDM 3A "Exception and Interrupt Reference"]
#include "arch/control_registers.h"
#include "cpu/registers.h"
#include "families.h"
#include "scenario.h"
#include "world.h"

namespace conformance {
namespace {

SNIPPET(divide, "div %rcx");
SNIPPET(single_step, "pushfq\n orl $0x100, (%rsp)\n popfq\n nop\n nop");
SNIPPET(breakpoint, "int3");
SNIPPET(icebp, ".byte 0xf1");
SNIPPET(into_byte, ".byte 0xce");
SNIPPET(bound_byte, ".byte 0x62, 0x01");
SNIPPET(undefined, "ud2");
SNIPPET(x87, "fnop");
SNIPPET(fwait, "fwait");
SNIPPET(sse, "movaps %xmm0, %xmm0");
SNIPPET(push_word, "push %rax");
SNIPPET(load, "mov (%rcx), %rax");
SNIPPET(load_by_rbp, "mov %rcx, %rbp\n mov (%rbp), %rax");
SNIPPET(store, "mov %rax, (%rcx)");
SNIPPET(jump, "jmp *%rcx");
SNIPPET(lock_register, ".byte 0xf0, 0x48, 0xff, 0xc0"); // lock inc %rax
// 1 / 0 with #Z unmasked in the control word; the next x87 instruction tells.
SNIPPET(x87_divide, "pushq $0x37b\n fldcw (%rsp)\n fld1\n fldz\n fdivrp\n fwait");
SNIPPET(x87_divide_no_wait, "pushq $0x37b\n fldcw (%rsp)\n fld1\n fldz\n fdivrp\n fnop");
// 1 / 0 with #Z unmasked in MXCSR.
SNIPPET(sse_divide, "pushq $0x1d80\n ldmxcsr (%rsp)\n mov $0x3f800000, %eax\n movd %eax, %xmm1\n"
                    "xorps %xmm0, %xmm0\n divss %xmm0, %xmm1");
SNIPPET(bad_mxcsr, "pushq $0x10000\n ldmxcsr (%rsp)");
SNIPPET(unaligned_sse, "movaps 1(%rcx), %xmm0");

void set_task_switched(std::uint64_t)
{
    asm volatile("mov %0, %%cr0" : : "r"(kernel::read_cr0() | arch::cr0::kTaskSwitched));
}

void set_emulation(std::uint64_t)
{
    asm volatile("mov %0, %%cr0" : : "r"(kernel::read_cr0() | arch::cr0::kEmulation));
}

void clear_osfxsr(std::uint64_t)
{
    kernel::write_cr4(kernel::read_cr4() & ~arch::cr4::kOsFxsr);
}

void set_osxmmexcpt(std::uint64_t)
{
    kernel::write_cr4(kernel::read_cr4() | arch::cr4::kOsXmmExceptions);
}

void set_task_switched_not_monitored(std::uint64_t)
{
    asm volatile("mov %0, %%cr0"
                 :
                 : "r"((kernel::read_cr0() | arch::cr0::kTaskSwitched) & ~arch::cr0::kMonitorCoprocessor));
}

} // namespace

void run_exceptions()
{
    run_in_both_rings("divide-by-zero", {.code = divide, .rcx = 0, .arithmetic_flags_undefined = true});
    run_in_both_rings("divide-overflow", {.code = divide, .rcx = 1, .rdx = 1, .arithmetic_flags_undefined = true});
    run_in_both_rings("single-step", {.code = single_step});
    run_in_both_rings("int3", {.code = breakpoint});
    run_in_both_rings("icebp", {.code = icebp});
    run_in_both_rings("into-in-64-bit-mode", {.code = into_byte, .rflags = 0x802});
    run_in_both_rings("bound-in-64-bit-mode", {.code = bound_byte, .rcx = world::kUserData});
    run_in_both_rings("ud2", {.code = undefined});
    run_in_both_rings("lock-on-register", {.code = lock_register});
    run_in_both_rings("x87-with-ts", {.code = x87, .setup = set_task_switched});
    run_in_both_rings("x87-with-em", {.code = x87, .setup = set_emulation});
    run_in_both_rings("sse-with-ts", {.code = sse, .setup = set_task_switched});
    run_in_both_rings("sse-with-em", {.code = sse, .setup = set_emulation});
    run_in_both_rings("sse-without-osfxsr", {.code = sse, .setup = clear_osfxsr});
    run_in_both_rings("fwait-with-ts", {.code = fwait, .setup = set_task_switched});
    run_in_both_rings("fwait-with-ts-without-mp", {.code = fwait, .setup = set_task_switched_not_monitored});
    run_in_both_rings("x87-error-at-fwait", {.code = x87_divide});
    run_in_both_rings("x87-error-at-next", {.code = x87_divide_no_wait});
    run_in_both_rings("sse-error", {.code = sse_divide, .setup = set_osxmmexcpt});
    run_in_both_rings("sse-error-without-osxmmexcpt", {.code = sse_divide});
    run_in_both_rings("mxcsr-reserved-bit", {.code = bad_mxcsr});
    run_in_both_rings("load-by-rbp-non-canonical", {.code = load_by_rbp, .rcx = world::kNonCanonical});
    run_in_both_rings("sse-unaligned", {.code = unaligned_sse, .rcx = world::kUserData});
    run_in_both_rings("load-non-canonical", {.code = load, .rcx = world::kNonCanonical});
    run_in_both_rings("store-non-canonical", {.code = store, .rcx = world::kNonCanonical});
    run_in_both_rings("push-non-canonical", {.code = push_word, .rsp = world::kNonCanonical + 8});
    run_in_both_rings("jump-non-canonical", {.code = jump, .rcx = world::kNonCanonical});
    run_in_both_rings("load-absent", {.code = load, .rcx = world::kAbsent});
    run_in_both_rings("store-absent", {.code = store, .rcx = world::kAbsent});
    run_in_both_rings("jump-absent", {.code = jump, .rcx = world::kAbsent});
    run_in_both_rings("push-absent", {.code = push_word, .rsp = world::kAbsent + 8});
}

} // namespace conformance
