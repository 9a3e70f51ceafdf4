// SPDX-License-Identifier: MIT
#include "observation.h"

#include "arch/msr.h"
#include "arch/rflags.h"
#include "cpu/registers.h"

namespace conformance {
namespace {

Observation seen;

} // namespace

const Observation& run_to_event(const Start& start)
{
    enter(start);
    // SYSCALL may leave NT set, and AC.
    asm volatile("push %0\n popfq" : : "i"(arch::rflags::kAlwaysOne) : "memory", "cc");
    return seen;
}

void observe_registers(Observation& into)
{
    into.cr2 = kernel::read_cr2();
    into.dr6 = kernel::read_dr6();
    asm volatile("mov %%ds, %0\n mov %%es, %1\n mov %%fs, %2\n mov %%gs, %3"
                 : "=m"(into.ds), "=m"(into.es), "=m"(into.fs), "=m"(into.gs));
    into.fs_base = kernel::read_msr(arch::Msr::IA32_FS_BASE);
    into.gs_base = kernel::read_msr(arch::Msr::IA32_GS_BASE);
    into.kernel_gs_base = kernel::read_msr(arch::Msr::IA32_KERNEL_GS_BASE);
}

} // namespace conformance

extern "C" void record_trap(const conformance::Trapped& trapped)
{
    using conformance::seen;
    seen = {};
    seen.vector = trapped.vector;
    seen.has_error_code = trapped.has_error_code();
    seen.error_code = seen.has_error_code ? trapped.error_code() : 0;
    seen.frame = trapped.frame();
    seen.frame_top = trapped.frame_top();
    seen.entry_rflags = trapped.entry_rflags;
    seen.registers = trapped.registers;
}

/// The stub pushed what a gate would have, without an error code.
extern "C" void record_syscall(const conformance::Trapped& trapped)
{
    using conformance::seen;
    seen = {};
    seen.syscall = true;
    const std::uint64_t* const tail = trapped.tail;
    seen.frame = {tail[0], tail[1], tail[2], tail[3], tail[4]};
    seen.entry_rflags = trapped.entry_rflags;
    seen.registers = trapped.registers;
}
