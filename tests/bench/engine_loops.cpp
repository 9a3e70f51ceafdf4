// SPDX-License-Identifier: MIT
// Plain code in a Machine and in Unicorn alone: the same loop, the same memory, in turns, the best of several rounds.
#include "bench/bench_guest.h"
#include "bench/measurements.h"

#include <fmt/format.h>
#include <unicorn/unicorn.h>

#include <algorithm>
#include <iterator>

namespace bench {
namespace {

using namespace ringcheck;
using support::MachineGuest;

constexpr unsigned kRounds = 25;

GUEST_CODE(compute, R"(
1:  mov   (%rsi), %rax
    add   %rcx, %rax
    xor   %rax, %rdx
    mov   %rax, (%rsi)
    lea   1(%rbx), %rbx
    shl   $1, %rdx
    dec   %rcx
    jnz   1b
    hlt
)");
GUEST_CODE(calls, R"(
1:  call  2f
    call  2f
    dec   %rcx
    jnz   1b
    hlt
2:  inc   %rbx
    ret
)");
GUEST_CODE(string_store, R"(
1:  mov   $0x38000, %edi
    mov   $2048, %ecx
    rep   stosb
    dec   %rbp
    jnz   1b
    hlt
)");

model::CpuState prepare(MachineGuest& guest, const support::GuestCode& code, std::uint64_t turns)
{
    guest.place(MachineGuest::kKernelText, code);
    model::CpuState state = guest.ring_0();
    state[model::Gpr::Rcx] = state[model::Gpr::Rbp] = turns;
    state[model::Gpr::Rsi] = MachineGuest::kData;
    state[model::Gpr::Rsp] = 0x16000;
    return state;
}

/// The loop in Unicorn alone: the same page tables, no hooks.
double time_engine(const support::GuestCode& code, std::uint64_t turns)
{
    constexpr std::size_t kRam = 8u << 20;
    MachineGuest guest = make_guest(ExecutionMode::Fast);
    const model::CpuState state = prepare(guest, code, turns);
    guest.load(state);

    uc_engine* engine = nullptr;
    uc_open(UC_ARCH_X86, UC_MODE_64, &engine);
    uc_ctl_set_cpu_model(engine, UC_CPU_X86_BROADWELL);
    uc_ctl_tlb_mode(engine, UC_TLB_CPU);
    uc_mem_map_ptr(engine, 0, kRam, UC_PROT_ALL, guest.machine->memory().at(arch::PhysAddr{0}, kRam));
    uc_reg_write(engine, UC_X86_REG_CR3, &state.cr3);
    uc_reg_write(engine, UC_X86_REG_CR4, &state.cr4);
    const uc_x86_msr efer{static_cast<std::uint32_t>(arch::Msr::IA32_EFER), state.efer};
    uc_reg_write(engine, UC_X86_REG_MSR, &efer);
    uc_reg_write(engine, UC_X86_REG_CR0, &state.cr0);
    constexpr int kRegisters[] = {UC_X86_REG_RAX, UC_X86_REG_RCX, UC_X86_REG_RDX, UC_X86_REG_RBX,
                                  UC_X86_REG_RSP, UC_X86_REG_RBP, UC_X86_REG_RSI, UC_X86_REG_RDI};
    for (std::size_t i = 0; i < std::size(kRegisters); ++i) {
        uc_reg_write(engine, kRegisters[i], &state.gpr[i]);
    }
    const double time = seconds([&] { uc_emu_start(engine, state.rip, 0, 0, 0); });
    uc_close(engine);
    return time;
}

double time_machine(ExecutionMode mode, const support::GuestCode& code, std::uint64_t turns,
                    std::uint64_t& instructions)
{
    MachineGuest guest = make_guest(mode);
    guest.load(prepare(guest, code, turns));
    const double time = seconds([&] { guest.machine->run({.instructions = 1'000'000'000}); });
    instructions = guest.machine->instruction_count();
    return time;
}

void beside_the_engine(Row& row, const support::GuestCode& code, std::uint64_t turns)
{
    constexpr std::uint64_t kStepShare = 20;
    double engine = 1e9, fast = 1e9;
    std::uint64_t instructions = 0, stepped = 0;
    for (unsigned round = 0; round < kRounds; ++round) {
        engine = std::min(engine, time_engine(code, turns));
        fast = std::min(fast, time_machine(ExecutionMode::Fast, code, turns, instructions));
    }
    const double step = time_machine(ExecutionMode::Step, code, turns / kStepShare, stepped);
    const auto millions = [](std::uint64_t count, double time) { return static_cast<double>(count) / time / 1e6; };
    row.value = engine / fast;
    row.beside = fmt::format("Unicorn alone {:.0f}, fast {:.0f}, step {:.0f} M instructions/s",
                             millions(instructions, engine), millions(instructions, fast), millions(stepped, step));
}

} // namespace

void compute_beside_the_engine(Row& row)
{
    beside_the_engine(row, compute, 2'000'000);
}

void calls_beside_the_engine(Row& row)
{
    beside_the_engine(row, calls, 1'000'000);
}

void string_stores_beside_the_engine(Row& row)
{
    beside_the_engine(row, string_store, 2'000);
}

} // namespace bench
