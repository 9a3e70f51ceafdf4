// SPDX-License-Identifier: MIT
// The local APIC in its machine: reached by any instruction, at the exact one, and the same in both modes.
#include "arch/local_apic.h"
#include "arch/msr.h"
#include "machine/clock.h"
#include "support/device_page.h"
#include "support/timer_code.h"

#include <gtest/gtest.h>

namespace {

using namespace ringcheck;
using model::Gpr;
using support::MachineGuest;
using Kind = TransitionKind;
namespace apic = arch::local_apic;

class ApicGuest : public MachineGuest {
public:
    explicit ApicGuest(ExecutionMode mode = ExecutionMode::Fast, model::Vendor vendor = model::Vendor::Intel)
        : MachineGuest({.ram_bytes = 8u << 20, .vendor = vendor, .mode = mode})
    {
        map_device(*this, support::kFirstDevicePage, apic::kDefaultBase);
    }
    model::CpuState start() const { return with_device_pages(*this); }
    std::vector<std::uint64_t> counts(Kind kind) const
    {
        std::vector<std::uint64_t> all;
        for (const Transition& transition : log.transitions) {
            if (transition.kind == kind) {
                all.push_back(transition.count);
            }
        }
        return all;
    }
};

GUEST_CODE(end_of_interrupt, R"(
    inc   %r15
    andl  $0, 0xb0(%rdi)
    iretq
)");
GUEST_CODE(x2apic_end_of_interrupt, R"(
    inc   %r15
    mov   $0x80b, %ecx
    xor   %eax, %eax
    cdq
    wrmsr
    iretq
)");

/// Divide by 1, vector 0x40, one-shot; the count is the fourth instruction, so 1000 ns run from count 4 on.
GUEST_CODE(one_shot, R"(
    movl  $11, 0x3e0(%rdi)
    movl  $0x40, 0x320(%rdi)
    sti
    movl  $1000, 0x380(%rdi)
1:  inc   %rbx
    jmp   1b
)");

TEST(MachineLocalApic, TheTimerInterruptsAtTheSameInstructionInBothModes)
{
    for (const ExecutionMode mode : {ExecutionMode::Fast, ExecutionMode::Step}) {
        ApicGuest guest(mode);
        guest.place(MachineGuest::kKernelText, one_shot);
        guest.place(MachineGuest::handler(0x40), end_of_interrupt);
        guest.run(guest.start(), 5000);
        EXPECT_EQ(guest.counts(Kind::Interrupt), std::vector<std::uint64_t>{1004});
        EXPECT_EQ(guest.machine->state()[Gpr::R15], 1u);
        EXPECT_TRUE(guest.log.unmodelled.empty());
    }
}

GUEST_CODE(periodic_in_hlt, R"(
    movl  $11, 0x3e0(%rdi)
    movl  $0x20040, 0x320(%rdi)
    movl  $100000, 0x380(%rdi)
    sti
1:  hlt
    cmp   $3, %r15
    jne   1b
    cli
    hlt
)");

TEST(MachineLocalApic, APeriodicTimerWakesHltEachTime)
{
    ApicGuest guest;
    guest.place(MachineGuest::kKernelText, periodic_in_hlt);
    guest.place(MachineGuest::handler(0x40), end_of_interrupt);
    EXPECT_EQ(guest.run(guest.start()).kind, EndKind::Halted);
    EXPECT_EQ(guest.counts(Kind::Interrupt).size(), 3u);
    EXPECT_EQ(guest.machine->now() / 100'000, 3u);
}

/// Every shape in which compilers touch a register of a device.
GUEST_CODE(all_shapes, R"(
    mov   $0x20, %ebx
    mov   %ebx, 0x80(%rdi)
    mov   0x80(%rdi), %eax
    orl   $0x10, 0x80(%rdi)
    incl  0x80(%rdi)
    mov   0x80(%rdi), %ecx
    testl $0x31, 0x80(%rdi)
    setnz %r8b
    mov   $0x50, %edx
    xchg  %edx, 0x80(%rdi)
    movslq 0x80(%rdi), %r9
    push  %rsi
    lea   0x80(%rdi), %rsi
    lodsl
    pop   %rsi
    mov   %cr8, %r10
    cli
    hlt
)");

TEST(MachineLocalApic, AnyInstructionReachesARegister)
{
    for (const ExecutionMode mode : {ExecutionMode::Fast, ExecutionMode::Step}) {
        ApicGuest guest(mode);
        guest.place(MachineGuest::kKernelText, all_shapes);
        guest.run(guest.start());
        const model::CpuState state = guest.machine->state();
        EXPECT_EQ(state[Gpr::Rcx], 0x31u);
        EXPECT_EQ(state[Gpr::R8], 1u);
        EXPECT_EQ(state[Gpr::Rdx], 0x31u) << "what was there before the exchange";
        EXPECT_EQ(state[Gpr::R9], 0x50u);
        EXPECT_EQ(state[Gpr::Rax], 0x50u);
        EXPECT_EQ(state[Gpr::R10], 5u) << "CR8 follows the task priority";
        EXPECT_EQ(guest.machine->instruction_count(), 18u) << "each of them retires once";
    }
}

/// Adds up the count, which falls by one for each instruction, in a loop that becomes one block.
GUEST_CODE(poll_the_count, R"(
    movl  $11, 0x3e0(%rdi)
    movl  $0x7fffffff, 0x380(%rdi)
    mov   $5000, %ecx
1:  inc   %rdx
    mov   0x390(%rdi), %eax
    add   %rax, %rbx
    dec   %ecx
    jnz   1b
    hlt
)");

TEST(MachineLocalApic, ACountThatIsPolledIsTheSameInBothModes)
{
    constexpr std::uint64_t kPolls = 5000, kFirst = 0x7fff'ffff - 3, kApart = 5;
    for (const ExecutionMode mode : {ExecutionMode::Fast, ExecutionMode::Step}) {
        ApicGuest guest(mode);
        guest.place(MachineGuest::kKernelText, poll_the_count);
        guest.run(guest.start());
        const model::CpuState state = guest.machine->state();
        EXPECT_EQ(guest.machine->instruction_count(), 3 + kPolls * kApart + 1);
        EXPECT_EQ(state[Gpr::Rdx], kPolls);
        EXPECT_EQ(state[Gpr::Rbx], kPolls * kFirst - kApart * kPolls * (kPolls - 1) / 2);
    }
}

GUEST_CODE(commands_to_itself, R"(
    sti
    nop
    movl  $0x40041, 0x300(%rdi)
    mov   %r15, %rbx
    mov   $4, %eax
    mov   %rax, %cr8
    movl  $0x40041, 0x300(%rdi)
    nop
    mov   %r15, %rcx
    xor   %eax, %eax
    mov   %rax, %cr8
    mov   %r15, %rdx
    cli
    hlt
)");

TEST(MachineLocalApic, AnInterruptToItselfArrivesBehindTheInstructionUnlessCr8HoldsIt)
{
    ApicGuest guest;
    guest.place(MachineGuest::kKernelText, commands_to_itself);
    guest.place(MachineGuest::handler(0x41), end_of_interrupt);
    guest.run(guest.start());
    const model::CpuState state = guest.machine->state();
    EXPECT_EQ(state[Gpr::Rbx], 1u);
    EXPECT_EQ(state[Gpr::Rcx], 1u) << "CR8 = 4 holds vector 41h back";
    EXPECT_EQ(state[Gpr::Rdx], 2u) << "and CR8 = 0 lets it in at once";
    EXPECT_EQ(guest.log.transitions.at(0).vector, 0x41);
}

GUEST_CODE(nmi_to_itself, R"(
    movl  $0x40400, 0x300(%rdi)
    mov   %r15, %rbx
    cli
    hlt
)");
/// Sends a second one from the handler of the first.
GUEST_CODE(nmi_handler, R"(
    inc   %r15
    jmp   1f
1:  cmp   $1, %r15
    jne   2f
    movl  $0x40400, 0x300(%rdi)
2:  iretq
)");
GUEST_CODE(jump_to_data, R"(
    mov   $0x38000, %eax
    jmp   *%rax
)");

TEST(MachineLocalApic, AnNmiToItselfIsBlockedInItsHandlerUntilIret)
{
    ApicGuest guest;
    guest.place(MachineGuest::kKernelText, nmi_to_itself);
    guest.place(MachineGuest::handler(2), jump_to_data);
    guest.place(MachineGuest::kData, nmi_handler);
    guest.run(guest.start());
    EXPECT_EQ(guest.log.kinds(), (std::vector{Kind::Nmi, Kind::Iret, Kind::Nmi, Kind::Iret}));
    EXPECT_EQ(guest.log.transitions.at(0).vector, 2);
    EXPECT_EQ(guest.log.transitions.at(0).count, 1u) << "with interrupts off";
    EXPECT_EQ(guest.log.transitions.at(2).count, guest.log.transitions.at(1).count + 1) << "right behind IRET";
    EXPECT_EQ(guest.machine->state()[Gpr::Rbx], 2u);
}

GUEST_CODE(deadline, R"(
    mov   $0x1b, %ecx
    rdmsr
    or    $0x400, %eax
    wrmsr
    mov   $0x832, %ecx
    mov   $0x40042, %eax
    xor   %edx, %edx
    wrmsr
    rdtsc
    add   $50000, %eax
    mov   %eax, %ebx
    mov   $0x6e0, %ecx
    wrmsr
    sti
    hlt
    rdtsc
    sub   %ebx, %eax
    mov   %eax, %ebp
    mov   $1, %eax
    cpuid
    cli
    hlt
)");

TEST(MachineLocalApic, X2ApicWithATscDeadlineWakesHltOnTime)
{
    ApicGuest guest;
    guest.place(MachineGuest::kKernelText, deadline);
    guest.place(MachineGuest::handler(0x42), x2apic_end_of_interrupt);
    model::CpuState start = guest.start();
    EXPECT_EQ(guest.run(start).kind, EndKind::Halted);
    const model::CpuState state = guest.machine->state();
    EXPECT_EQ(state[Gpr::R15], 1u);
    EXPECT_EQ(guest.log.kinds(), (std::vector{Kind::Interrupt, Kind::Iret}));
    EXPECT_LT(state[Gpr::Rbp], 10u) << "nanoseconds late";
    EXPECT_EQ(state[Gpr::Rcx] >> 21 & 1, 1u) << "CPUID offers x2APIC";
    EXPECT_EQ(state[Gpr::Rcx] >> 24 & 1, 1u) << "and the TSC deadline";
    EXPECT_EQ(state[Gpr::Rdx] >> 9 & 1, 1u);
}

GUEST_CODE(switch_off, R"(
    mov   $0x1b, %ecx
    rdmsr
    and   $~0x800, %eax
    wrmsr
    mov   $1, %eax
    cpuid
    mov   %edx, %ebp
    mov   0x20(%rdi), %eax
)");

TEST(MachineLocalApic, SwitchedOffItIsNeitherInCpuidNorInMemory)
{
    for (const model::Vendor vendor : {model::Vendor::Intel, model::Vendor::Amd}) {
        ApicGuest guest(ExecutionMode::Fast, vendor);
        guest.place(MachineGuest::kKernelText, switch_off);
        const RunEnd end = guest.run(guest.start());
        EXPECT_EQ(end.kind, EndKind::Unmodelled);
        EXPECT_EQ(end.text, "read of physical address 0xfee00020, where nothing is, at 0x30017");
        EXPECT_EQ(guest.machine->state()[Gpr::Rbp] >> 9 & 1, 0u);
    }
}

GUEST_CODE(x2apic_of_amd, R"(
    mov   $0x802, %ecx
    rdmsr
)");

TEST(MachineLocalApic, AnMsrThatCpuidDoesNotOfferFaults)
{
    ApicGuest guest(ExecutionMode::Fast, model::Vendor::Amd);
    guest.place(MachineGuest::kKernelText, x2apic_of_amd);
    guest.run(guest.start());
    ASSERT_EQ(guest.log.kinds(), std::vector{Kind::Exception});
    EXPECT_EQ(guest.log.transitions[0].vector, 13);
}

// RAX is what the command says.
GUEST_CODE(command, R"(
    mov   %eax, 0x300(%rdi)
    inc   %r15
    hlt
)");

TEST(MachineLocalApic, InitSentToItselfBeginsInTheFirmware)
{
    constexpr std::uint64_t kInit = 0x4500, kDeassert = 0x8500, kStartUp = 0x4608, kSelf = 1u << 18, kAll = 2u << 18,
                            kAllButSelf = 3u << 18;
    const struct {
        std::uint64_t command;
        bool arrives, reported;
    } rows[] = {{kInit, true, false},
                {kDeassert, false, false},
                {kStartUp, false, false},
                {kInit | kSelf, false, true},
                {kInit | kAll, false, true},
                {kStartUp | kAll, false, true},
                {kInit | kAllButSelf, false, false}};
    for (const auto& row : rows) {
        SCOPED_TRACE(row.command);
        ApicGuest guest;
        guest.place(MachineGuest::kKernelText, command);
        model::CpuState start = guest.start();
        start[Gpr::Rax] = row.command;
        const RunEnd end = guest.run(start);
        EXPECT_EQ(end.kind, row.arrives ? EndKind::Reset : EndKind::Halted) << end.text;
        EXPECT_EQ(guest.machine->state()[Gpr::R15], row.arrives ? 0u : 1u);
        EXPECT_EQ(guest.log.unmodelled.size(), row.reported ? 1u : 0u);
    }
}

GUEST_CODE(no_boot_processor, R"(
    mov   $0x1b, %ecx
    rdmsr
    and   $~0x100, %eax
    wrmsr
    rdmsr
    mov   %eax, %ebp
    movl  $0x4500, 0x300(%rdi)
    nop
)");

TEST(MachineLocalApic, InitMakesACpuThatIsNoBootProcessorWaitForWhatNobodySends)
{
    ApicGuest guest;
    guest.place(MachineGuest::kKernelText, no_boot_processor);
    const RunEnd end = guest.run(guest.start());
    EXPECT_EQ(end.kind, EndKind::Halted);
    EXPECT_EQ(end.text, "INIT at 0x3001c: the CPU is no boot processor (IA32_APIC_BASE.BSP = 0) and waits for a "
                        "start-up IPI, which nobody sends");
    EXPECT_EQ(guest.machine->state()[Gpr::Rbp], 0xfee0'0800u);
    EXPECT_EQ(guest.machine->run().text, end.text) << "it still waits";
}

GUEST_CODE(writes_task_priority, R"(
    movl  $0x20, 0x80(%rdi)
    nop
    mov   0x80(%rdi), %eax
    mov   0x90(%rdi), %eax
    hlt
)");
GUEST_CODE(clear_and_go_on, R"(
    xor   %r14d, %r14d
    mov   %r14, %dr6
    iretq
)");

TEST(MachineLocalApic, ADataBreakpointOnARegisterTrapsBehindItsAccess)
{
    constexpr std::uint64_t kOneByteReadWrite = 0x3'0001, kDebug = 1;
    for (const bool steps : {false, true}) {
        ApicGuest guest;
        guest.place(MachineGuest::kKernelText, writes_task_priority);
        guest.place(MachineGuest::handler(kDebug), clear_and_go_on);
        model::CpuState start = guest.start();
        start.dr0 = support::kFirstDevicePage + 0x80;
        start.dr7 |= kOneByteReadWrite;
        start.rflags |= steps ? arch::rflags::kTrap : 0;
        EXPECT_EQ(guest.run(start).kind, EndKind::Halted);
        std::vector<std::uint64_t> hits;
        for (const Transition& transition : guest.log.transitions) {
            const bool met = transition.vector == kDebug && (transition.after.dr6 & 1) != 0;
            if (met) {
                hits.push_back(transition.before.rip - MachineGuest::kKernelText);
            }
        }
        EXPECT_EQ(hits, (std::vector<std::uint64_t>{10, 17})) << steps;
    }
}

/// The PIT fires once through the 8259 while LINT0 is masked, then LINT0 is opened.
GUEST_CODE(masked_lint0, OPEN_TIMER_LINE R"(
    movl  $0x10700, 0x350(%rdi)
    mov   $0x30, %al
    out   %al, $0x43
    mov   $10, %al
    out   %al, $0x40
    xor   %eax, %eax
    out   %al, $0x40
    mov   $20000, %ecx
    sti
1:  dec   %ecx
    jnz   1b
    mov   %r15, %rbx
    movl  $0x700, 0x350(%rdi)
    mov   %r15, %rdx
    cli
    hlt
)");

TEST(MachineLocalApic, TheVirtualWireCanBeCut)
{
    ApicGuest guest;
    guest.place(MachineGuest::kKernelText, masked_lint0);
    guest.place(MachineGuest::handler(0x20), end_of_interrupt);
    guest.run(guest.start());
    EXPECT_EQ(guest.machine->state()[Gpr::Rbx], 0u);
    EXPECT_EQ(guest.machine->state()[Gpr::Rdx], 1u);
    EXPECT_EQ(guest.counts(Kind::Interrupt).size(), 1u);
}

} // namespace
