// SPDX-License-Identifier: MIT
#include "scenario.h"

#include "cpu/registers.h"
#include "landing.h"
#include "log.h"
#include "world.h"

extern "C" const std::uint8_t snippets_begin[];

namespace conformance {
namespace {

SNIPPET(landing_code, "");

unsigned count = 0;
base::StringView left_out;

bool is_left_out(base::StringView name)
{
    for (base::StringView rest = left_out; !rest.empty(); rest = rest.after(' ')) {
        if (rest.before(' ') == name) {
            return true;
        }
    }
    return false;
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

void leave_out(base::StringView names)
{
    left_out = names;
}

void run(const Name& name, const Scenario& scenario)
{
    if (is_left_out(name.text())) {
        return;
    }
    world::reset();
    asm volatile("mov %0, %%cr2" : : "r"(kUntouchedCr2));
    const Start start = start_of(scenario);
    if (scenario.setup != nullptr) {
        scenario.setup(scenario.argument);
    }
    Observation seen = run_to_event(start);
    observe_registers(seen);
    world::reset();
    log_line(name, scenario, seen);
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
