// SPDX-License-Identifier: MIT
// Changes of ring in fast mode, each checked by the rules as those of a kernel of which nothing is known.
#include "bench/bench_guest.h"
#include "bench/measurements.h"
#include "watch/guest_memory.h"
#include "watch/guest_watch.h"
#include "watch/rules.h"
#include "watch/symbols.h"

#include <fmt/format.h>

#include <algorithm>

namespace bench {
namespace {

using namespace ringcheck;
using support::MachineGuest;

// Many short rounds: the best of them is what it costs when nobody disturbs it.
constexpr unsigned kRounds = 25;
constexpr std::uint64_t kTurns = 60'000;

// 28 instructions a turn: SYSCALL, a kernel that saves what it has to, SYSRETQ.
GUEST_CODE(call_kernel, R"(
1:  mov   $1, %eax
    syscall
    dec   %rbp
    jnz   1b
    mov   0x3c000, %eax
)");
GUEST_CODE(kernel, R"(
    swapgs
    mov   %rsp, 0x38010
    mov   $0x16000, %esp
    push  %rcx
    push  %r11
    push  %rbx
    push  %rbp
    push  %rdi
    push  %rsi
    push  %rdx
    mov   %rsp, %rdi
    xor   %eax, %eax
    inc   %rbx
    pop   %rdx
    pop   %rsi
    pop   %rdi
    pop   %rbp
    pop   %rbx
    pop   %r11
    pop   %rcx
    mov   0x38010, %rsp
    swapgs
    sysretq
)");
GUEST_CODE(raise_events, R"(
1:  int   $0x80
    dec   %rbp
    jnz   1b
    mov   0x3c000, %eax
)");
GUEST_CODE(just_iretq, "iretq");

struct Crossed {
    double seconds = 0;
    std::uint64_t crossings = 0, checks = 0;
    std::string violated; ///< the first rule; a violation costs more than a check that holds
};

class CrossingCounter final : public GuestObserver {
public:
    void on_transition(const Transition& transition) override { crossings += transition.changes_ring(); }
    std::uint64_t crossings = 0;
};

Crossed run(void (*set_up)(MachineGuest&), ExecutionMode mode)
{
    MachineGuest guest = make_guest(mode);
    set_up(guest);
    GuestDescription description = unknown_guest();
    const Symbols symbols{description, nullptr, nullptr};
    MachineMemory memory{*guest.machine};
    GuestWatch watch{description, memory};
    RuleChecker rules{RuleContext{description, memory, watch.processes(), symbols}};
    CrossingCounter counter;
    watch.add(rules);
    watch.add(counter);
    watch.attach(*guest.machine);
    model::CpuState state = guest.ring_3();
    state.rflags |= arch::rflags::kInterrupt;
    state[model::Gpr::Rbp] = kTurns;
    guest.load(state);
    const double time = seconds([&] { guest.machine->run(); });
    const auto& violations = rules.report().violations();
    return {time, counter.crossings, rules.report().checks(), violations.empty() ? "" : violations[0].rule->id};
}

void measure(Row& row, void (*set_up)(MachineGuest&))
{
    Crossed best = run(set_up, ExecutionMode::Fast);
    for (unsigned round = 1; round < kRounds; ++round) {
        best.seconds = std::min(best.seconds, run(set_up, ExecutionMode::Fast).seconds);
    }
    Crossed stepped = run(set_up, ExecutionMode::Step);
    for (unsigned round = 1; round < kRounds / 5; ++round) {
        stepped.seconds = std::min(stepped.seconds, run(set_up, ExecutionMode::Step).seconds);
    }
    if (best.crossings < 2 * kTurns || !best.violated.empty()) {
        row.beside = fmt::format("{} crossings, and broken: {}", best.crossings, best.violated);
        return;
    }
    row.value = kTurns / best.seconds / 1e6;
    row.beside = fmt::format("{:.1f} checks a turn; step mode {:.2f} M/s", static_cast<double>(best.checks) / kTurns,
                             kTurns / stepped.seconds / 1e6);
}

} // namespace

void syscall_round_trips(Row& row)
{
    measure(row, [](MachineGuest& guest) {
        guest.place(MachineGuest::kUserText, call_kernel);
        guest.place(MachineGuest::kSyscallText, kernel);
    });
}

void events_and_returns(Row& row)
{
    measure(row, [](MachineGuest& guest) {
        guest.set_gate(0x80, 0, arch::Ring::User);
        guest.place(MachineGuest::kUserText, raise_events);
        guest.place(MachineGuest::handler(0x80), just_iretq);
    });
}

} // namespace bench
