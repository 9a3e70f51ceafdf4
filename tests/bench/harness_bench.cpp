// SPDX-License-Identifier: MIT
// How fast the harness is beside the engine it is built on: the same loops in Unicorn alone and in a Machine, in turns,
// best of several rounds.  Prints a table; judges nothing, because a loaded machine would make it lie.
#include "support/machine_guest.h"

#include <unicorn/unicorn.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <string_view>
#include <sys/mman.h>

namespace {

using namespace ringcheck;
using support::MachineGuest;

constexpr unsigned kRounds = 5;
std::string_view wanted;

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

// A loop of 28 instructions: SYSCALL, a kernel that saves what it has to, SYSRETQ.
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

double seconds(const std::function<void()>& work)
{
    const auto start = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// Data and stacks are no code, as in a kernel that keeps W^X: the engine is slow at storing where code may be.
void forbid_execution(MachineGuest& guest, std::uint64_t address)
{
    guest.guest.set_page_entry(address, guest.guest.page_entry(address) | std::uint64_t{1} << 63);
}

MachineGuest make_guest(ExecutionMode mode)
{
    MachineGuest guest({.ram_bytes = 8u << 20, .mode = mode});
    for (const std::uint64_t page : {MachineGuest::kData, std::uint64_t{0x15000}, std::uint64_t{0xf000}}) {
        forbid_execution(guest, page);
    }
    return guest;
}

model::CpuState start(MachineGuest& guest, const support::GuestCode& code, std::uint64_t turns)
{
    guest.place(MachineGuest::kKernelText, code);
    model::CpuState state = guest.ring_0();
    state[model::Gpr::Rcx] = state[model::Gpr::Rbp] = turns;
    state[model::Gpr::Rsi] = MachineGuest::kData;
    state[model::Gpr::Rsp] = 0x16000;
    return state;
}

/// The loop in Unicorn alone: same memory, same page tables, no hooks.
double run_raw(const support::GuestCode& code, std::uint64_t turns)
{
    MachineGuest guest = make_guest(ExecutionMode::Fast);
    const model::CpuState state = start(guest, code, turns);
    guest.load(state);
    const auto memory = guest.machine->memory();
    constexpr std::size_t kRam = 8u << 20;

    uc_engine* engine = nullptr;
    uc_open(UC_ARCH_X86, UC_MODE_64, &engine);
    uc_ctl_set_cpu_model(engine, UC_CPU_X86_BROADWELL);
    uc_ctl_tlb_mode(engine, UC_TLB_CPU);
    uc_mem_map_ptr(engine, 0, kRam, UC_PROT_ALL, memory.at(arch::PhysAddr{0}, kRam));
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
    std::uint64_t rip = 0;
    uc_reg_read(engine, UC_X86_REG_RIP, &rip);
    uc_close(engine);
    return rip == state.rip + code.bytes().size() || code.begin == calls.begin ? time : 0;
}

double run_machine(ExecutionMode mode, const support::GuestCode& code, std::uint64_t turns, std::uint64_t& instructions)
{
    MachineGuest guest = make_guest(mode);
    guest.load(start(guest, code, turns));
    const double time = seconds([&] { guest.machine->run(); });
    instructions = guest.machine->instruction_count();
    return time;
}

void compare(const char* name, const support::GuestCode& code, std::uint64_t turns)
{
    if (std::string_view(name).find(wanted) == std::string_view::npos) {
        return;
    }
    double raw = 1e9, fast = 1e9, step = 1e9;
    std::uint64_t instructions = 0, stepped = 0;
    for (unsigned round = 0; round < kRounds; ++round) {
        raw = std::min(raw, run_raw(code, turns));
        fast = std::min(fast, run_machine(ExecutionMode::Fast, code, turns, instructions));
    }
    step = run_machine(ExecutionMode::Step, code, turns / 20, stepped);
    const auto millions = [](std::uint64_t count, double time) { return static_cast<double>(count) / time / 1e6; };
    std::printf("%-34s raw %7.0f M/s   fast %7.0f M/s  ratio %.2f   step %6.1f M/s\n", name,
                millions(instructions, raw), millions(instructions, fast), raw / fast, millions(stepped, step));
}

class Counter final : public Observer {
public:
    void on_transition(const Transition&) override { ++transitions; }
    std::uint64_t transitions = 0;
};

/// @param set_up  places code; the program in ring 3 counts RBP down
void measure_crossings(const char* name, const std::function<void(MachineGuest&)>& set_up, unsigned crossings)
{
    if (std::string_view(name).find(wanted) == std::string_view::npos) {
        return;
    }
    constexpr std::uint64_t kTurns = 300'000;
    for (const ExecutionMode mode : {ExecutionMode::Fast, ExecutionMode::Step}) {
        double best = 1e9;
        std::uint64_t instructions = 0;
        for (unsigned round = 0; round < kRounds; ++round) {
            MachineGuest guest = make_guest(mode);
            set_up(guest);
            Counter counter;
            guest.machine->set_observer(&counter);
            model::CpuState state = guest.ring_3();
            state[model::Gpr::Rbp] = kTurns;
            guest.load(state);
            best = std::min(best, seconds([&] { guest.machine->run(); }));
            instructions = guest.machine->instruction_count();
            if (counter.transitions < kTurns * crossings) {
                std::printf("%s: only %llu transitions\n", name, static_cast<unsigned long long>(counter.transitions));
            }
        }
        std::printf("%-34s %s %7.3f M/s  %7.1f M instructions/s\n", name, mode == ExecutionMode::Fast ? "fast" : "step",
                    kTurns / best / 1e6, static_cast<double>(instructions) / best / 1e6);
    }
}

// Writes one word to each page of RAM from RDI on.
GUEST_CODE(touch_pages, R"(
1:  mov   %rcx, (%rdi)
    add   $4096, %rdi
    dec   %rcx
    jnz   1b
    hlt
)");

/// 64 MiB, all of it in use; the guest has written to 100 pages since.
void measure_restore()
{
    constexpr const char* kName = "restore 64 MiB, 100 pages written";
    if (std::string_view(kName).find(wanted) == std::string_view::npos) {
        return;
    }
    constexpr std::uint64_t kRam = 64u << 20, kFirst = 0x40'0000, kPages = 100;
    MachineGuest guest({.ram_bytes = kRam});
    const auto memory = guest.machine->memory();
    for (std::uint64_t page = 0x4'0000; page < kRam; page += arch::kPageSize) {
        memory.write_u64(arch::PhysAddr{page}, page);
    }
    // The 2 MiB from kFirst on are mapped at the second entry of the directory, never executable.
    guest.guest.set_word(MachineGuest::Guest::kDirectory + 8, kFirst | std::uint64_t{1} << 63 | 0xe3);
    guest.place(MachineGuest::kKernelText, touch_pages);
    model::CpuState state = guest.ring_0();
    state[model::Gpr::Rdi] = 0x20'0000;
    state[model::Gpr::Rcx] = kPages;
    guest.load(state);
    const auto snapshot = guest.machine->snapshot();
    std::vector<double> restoring, running;
    for (unsigned round = 0; round < 300; ++round) {
        running.push_back(seconds([&] { guest.machine->run(); }));
        restoring.push_back(seconds([&] { (void)guest.machine->restore(*snapshot); }));
    }
    std::ranges::sort(restoring);
    std::ranges::sort(running);
    std::printf("%-34s %.0f us (median of %zu; 1 in 10 above %.0f us); the run after it %.0f us\n", kName,
                restoring[restoring.size() / 2] * 1e6, restoring.size(), restoring[restoring.size() * 9 / 10] * 1e6,
                running[running.size() / 2] * 1e6);
}

} // namespace

/// @param argv  if given, only what has this in its name
int main(int argc, char** argv)
{
    if (argc > 1) {
        wanted = argv[1];
    }
    compare("compute, 1 load + 1 store of 8", compute, 10'000'000);
    compare("calls, 2 of 8", calls, 5'000'000);
    compare("REP STOSB, 2048 bytes", string_store, 10'000);
    measure_crossings(
        "SYSCALL round trip",
        [](MachineGuest& guest) {
            guest.place(MachineGuest::kUserText, call_kernel);
            guest.place(MachineGuest::kSyscallText, kernel);
        },
        2);
    measure_crossings(
        "INT 0x80 and IRETQ",
        [](MachineGuest& guest) {
            guest.set_gate(0x80, 0, arch::Ring::User);
            guest.place(MachineGuest::kUserText, raise_events);
            guest.place(MachineGuest::handler(0x80), just_iretq);
        },
        2);
    measure_restore();
    return 0;
}
