// SPDX-License-Identifier: MIT
#include "scenario.h"

#include "arch/msr.h"
#include "cpu/registers.h"
#include "landing.h"
#include "log.h"
#include "trap.h"
#include "world.h"

extern "C" const std::uint8_t snippets_begin[];

namespace conformance {
namespace {

SNIPPET(landing_code, "");

unsigned count = 0;
Observation seen;

std::uint16_t segment(unsigned which)
{
    std::uint16_t value = 0;
    switch (which) {
    case 0: asm volatile("mov %%ds, %0" : "=r"(value)); break;
    case 1: asm volatile("mov %%es, %0" : "=r"(value)); break;
    case 2: asm volatile("mov %%fs, %0" : "=r"(value)); break;
    default: asm volatile("mov %%gs, %0" : "=r"(value)); break;
    }
    return value;
}

/// What every event leaves, whatever its kind.
void observe(const Trapped& trapped)
{
    seen.entry_rflags = trapped.entry_rflags;
    seen.cr2 = kernel::read_cr2();
    seen.dr6 = kernel::read_dr6();
    seen.ds = segment(0);
    seen.es = segment(1);
    seen.fs = segment(2);
    seen.gs = segment(3);
    seen.fs_base = kernel::read_msr(arch::Msr::IA32_FS_BASE);
    seen.gs_base = kernel::read_msr(arch::Msr::IA32_GS_BASE);
    seen.kernel_gs_base = kernel::read_msr(arch::Msr::IA32_KERNEL_GS_BASE);
    seen.registers = trapped.registers;
}

/// SS, RSP, RFLAGS, CS and RIP from a scenario's wishes.
Start start_of(const Scenario& scenario)
{
    const bool user = scenario.ring == arch::Ring::User;
    namespace s = world::selector;
    Start start{};
    start.registers.rax = scenario.rax;
    start.registers.rbx = scenario.rbx;
    start.registers.rcx = scenario.rcx;
    start.registers.rdx = scenario.rdx;
    start.registers.rsi = scenario.rsi;
    start.registers.rdi = scenario.rdi;
    start.registers.r8 = scenario.r8;
    start.registers.r11 = scenario.r11;
    start.frame.rip = scenario.code.in(scenario.ring);
    start.frame.cs = user ? s::kUserCode | 3u : s::kKernelCode;
    start.frame.rflags = scenario.rflags;
    start.frame.rsp = scenario.rsp != 0 ? scenario.rsp : user ? world::user_stack() : world::kernel_stack();
    start.frame.ss = user ? s::kUserData | 3u : s::kKernelData;
    return start;
}

} // namespace

std::uint64_t Snippet::in_user() const
{
    return world::kUserText + (in_kernel() - reinterpret_cast<std::uint64_t>(snippets_begin));
}

std::uint64_t landing::kernel()
{
    return landing_code.in_kernel();
}

std::uint64_t landing::user()
{
    return landing_code.in_user();
}

void Name::write(base::StringView text)
{
    for (const char character : text) {
        if (size_ < sizeof buffer_) {
            buffer_[size_++] = character;
        }
    }
}

void run(const Name& name, const Scenario& scenario)
{
    world::reset();
    asm volatile("mov %0, %%cr2" : : "r"(kUntouchedCr2));
    const Start start = start_of(scenario);
    seen = Observation{};
    if (scenario.setup != nullptr) {
        scenario.setup();
    }
    enter(start);
    const Observation result = seen;
    world::reset();
    log_line(name, scenario, result);
    ++count;
}

void run_in_both_rings(const Name& name, Scenario scenario)
{
    scenario.ring = arch::Ring::Kernel;
    run({name.text(), "-r0"}, scenario);
    scenario.ring = arch::Ring::User;
    run({name.text(), "-r3"}, scenario);
}

unsigned scenario_count()
{
    return count;
}

} // namespace conformance

extern "C" void record_trap(const conformance::Trapped& trapped)
{
    using conformance::seen;
    seen.vector = trapped.vector;
    seen.has_error_code = trapped.has_error_code();
    seen.error_code = seen.has_error_code ? trapped.error_code() : 0;
    seen.frame = trapped.frame();
    seen.frame_top = trapped.frame_top();
    conformance::observe(trapped);
}

/// The stub pushed what a gate would have, without an error code.
extern "C" void record_syscall(const conformance::Trapped& trapped)
{
    using conformance::seen;
    seen.syscall = true;
    const std::uint64_t* const tail = trapped.tail;
    seen.frame = {tail[0], tail[1], tail[2], tail[3], tail[4]};
    conformance::observe(trapped);
}
