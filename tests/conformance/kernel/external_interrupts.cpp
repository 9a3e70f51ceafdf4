// SPDX-License-Identifier: MIT
// External interrupts: when they are let in, in which order, through which gates and onto which stacks.
// [SDM 3A "Enabling and Disabling Interrupts", "Masking Exceptions and Interrupts When Switching Stacks", "Interrupt
// Acceptance for Fixed Interrupts", "Task Priority in IA-32e Mode"]
#include "apic.h"
#include "families.h"
#include "landing.h"
#include "scenario.h"
#include "trap.h"

#include <initializer_list>

namespace conformance {
namespace {

using arch::IdtGate;
using arch::Ring;
namespace s = world::selector;

SNIPPET(nops, "nop\n nop\n nop");
SNIPPET(sti, "sti\n nop\n nop\n nop");
SNIPPET(sti_sti, "sti\n sti\n nop\n nop");
SNIPPET(sti_cli, "sti\n cli\n nop\n nop");
SNIPPET(sti_mov_ss, "sti\n mov %ecx, %ss\n nop\n nop\n nop");
SNIPPET(sti_hlt, "sti\n hlt\n nop");
SNIPPET(sti_int, "sti\n int $0x40");
SNIPPET(sti_ud2, "sti\n ud2");
SNIPPET(sti_syscall, "sti\n syscall");
SNIPPET(sti_load, "sti\n mov (%rdx), %rax\n nop");
SNIPPET(mov_ss_only, "mov %ecx, %ss\n nop\n nop");
SNIPPET(popf, "push %rax\n popfq\n nop\n nop");
SNIPPET(set_priority, "mov %rax, %cr8\n sti\n nop\n nop\n nop\n cli");
SNIPPET(lower_priority, "mov %rax, %cr8\n nop\n nop");
SNIPPET(iretq, "push %rdi\n push %rsi\n push %rdx\n push %rcx\n push %rax\n iretq");
SNIPPET(sysretq, "sysretq");
SNIPPET(send_and_wait, "mov %eax, (%rcx)\n1: jmp 1b");

constexpr std::uint64_t kIf = 0x202, kIopl3 = 0x3002;

void send(std::uint64_t vector)
{
    apic::send(static_cast<unsigned>(vector));
}

void send_both(std::uint64_t)
{
    apic::send(apic::kLow);
    apic::send(apic::kHigh);
}

void raise_priority_and_send(std::uint64_t priority)
{
    asm volatile("mov %0, %%cr8" : : "r"(priority));
    apic::send(apic::kLow);
}

void start_apic_timer(std::uint64_t vector)
{
    apic::start_apic_timer(static_cast<unsigned>(vector));
}

void start_8259_timer(std::uint64_t)
{
    apic::start_8259_timer();
}

/// What is wrong with the gate, or with the stack behind it.
struct Spoilt {
    const char* name;
    void (*spoil)(IdtGate& gate);
};

constexpr Spoilt kSpoilt[] = {
    {"gate-absent", [](IdtGate& gate) { gate.low &= ~IdtGate::kPresent; }},
    {"gate-type-0", [](IdtGate& gate) { gate.low &= ~IdtGate::kType.mask(); }},
    {"gate-cs-null", [](IdtGate& gate) { gate.low &= ~IdtGate::kSelector.mask(); }},
    {"gate-cs-absent",
     [](IdtGate& gate) { gate = IdtGate::interrupt(gate.handler(), s::kAbsentKernelCode, 0, Ring::Kernel); }},
    {"gate-cs-user", [](IdtGate& gate) { gate = IdtGate::interrupt(gate.handler(), s::kUserCode, 0, Ring::Kernel); }},
    {"gate-handler-non-canonical",
     [](IdtGate& gate) { gate = IdtGate::interrupt(world::kNonCanonical, s::kKernelCode, 0, Ring::Kernel); }},
    {"gate-trap", [](IdtGate& gate) { gate.low |= IdtGate::kType.put(IdtGate::kTypeTrap); }},
    {"ist2", [](IdtGate& gate) { gate.low |= IdtGate::kIst.put(2); }},
    {"ist2-absent",
     [](IdtGate& gate) {
         gate.low |= IdtGate::kIst.put(2);
         world::tss.ist[1] = world::kAbsent + 0x800;
     }},
    {"ist2-non-canonical",
     [](IdtGate& gate) {
         gate.low |= IdtGate::kIst.put(2);
         world::tss.ist[1] = world::kNonCanonical + 0x1000;
     }},
    {"rsp0-absent", [](IdtGate&) { world::tss.rsp[0] = world::kAbsent + 0x800; }},
};

void send_through_spoilt(std::uint64_t which)
{
    apic::send(apic::kLow);
    kSpoilt[which].spoil(world::idt[apic::kLow]);
}

/// With kLow waiting, and controllers as before afterwards.
void run_with_interrupt(const Name& name, Scenario scenario)
{
    if (scenario.setup == nullptr) {
        scenario.setup = send;
        scenario.argument = apic::kLow;
    }
    run(name, scenario);
    apic::reset();
}

void in_both_rings(const char* name, Scenario scenario)
{
    for (const Ring ring : {Ring::Kernel, Ring::User}) {
        scenario.ring = ring;
        run_with_interrupt({"interrupt-", name, ring == Ring::User ? "-r3" : "-r0"}, scenario);
    }
}

/// Ring 3 may use STI with IOPL 3 only; `scenario` names SS in RCX.
void with_sti(const char* name, Scenario scenario)
{
    scenario.rflags = kIopl3;
    scenario.rcx = s::kKernelData;
    run_with_interrupt({"interrupt-", name, "-r0"}, scenario);
    scenario.ring = Ring::User;
    scenario.rcx = s::kUserData | 3u;
    run_with_interrupt({"interrupt-", name, "-r3"}, scenario);
}

void run_shadows()
{
    with_sti("sti", {.code = sti});
    with_sti("sti-sti", {.code = sti_sti});
    with_sti("sti-cli", {.code = sti_cli});
    with_sti("sti-mov-ss", {.code = sti_mov_ss});
    with_sti("sti-int", {.code = sti_int});
    with_sti("sti-ud2", {.code = sti_ud2});
    with_sti("sti-syscall", {.code = sti_syscall});
    with_sti("sti-page-fault", {.code = sti_load, .rdx = world::kAbsent});
    with_sti("mov-ss-masked", {.code = mov_ss_only});
    with_sti("popf-sets-if", {.code = popf, .rax = kIopl3 | kIf});
    run_with_interrupt("interrupt-sti-hlt-r0", {.code = sti_hlt});
}

void run_priorities()
{
    in_both_rings("higher-first", {.code = nops, .rflags = kIf, .setup = send_both});
    constexpr unsigned kClass = apic::kLow >> 4;
    in_both_rings("below-priority",
                  {.code = nops, .rflags = kIf, .setup = raise_priority_and_send, .argument = kClass});
    in_both_rings("above-priority",
                  {.code = nops, .rflags = kIf, .setup = raise_priority_and_send, .argument = kClass - 1});
    run_with_interrupt("interrupt-cr8-equal-r0", {.code = set_priority, .rax = kClass});
    run_with_interrupt("interrupt-cr8-below-r0", {.code = set_priority, .rax = kClass - 1});
    run_with_interrupt(
        "interrupt-cr8-lowered-r0",
        {.code = lower_priority, .rax = 0, .rflags = kIf, .setup = raise_priority_and_send, .argument = 15});
}

} // namespace

void run_external_interrupts()
{
    apic::reset();
    in_both_rings("pending", {.code = nops, .rflags = kIf});
    in_both_rings("masked", {.code = nops});
    in_both_rings("with-trap-flag", {.code = nops, .rflags = kIf | arch::rflags::kTrap});
    in_both_rings("with-resume-flag", {.code = nops, .rflags = kIf | arch::rflags::kResume});
    in_both_rings("from-apic-timer", {.code = nops, .rflags = kIf, .setup = start_apic_timer, .argument = apic::kHigh});
    in_both_rings("from-8259", {.code = nops, .rflags = kIf, .setup = start_8259_timer});
    in_both_rings("sent-by-itself", {.code = send_and_wait,
                                     .rax = apic::kSendLow,
                                     .rcx = apic::kCommand,
                                     .rflags = kIf,
                                     .setup = [](std::uint64_t) {}});
    run_shadows();
    run_priorities();
    run_with_interrupt("interrupt-iretq-sets-if-r0", {.code = iretq,
                                                      .rax = landing::user(),
                                                      .rcx = s::kUserCode | 3u,
                                                      .rdx = kIf,
                                                      .rsi = world::user_stack(),
                                                      .rdi = s::kUserData | 3u});
    run_with_interrupt("interrupt-sysretq-sets-if-r0", {.code = sysretq, .rcx = landing::user(), .r11 = kIf});
    for (std::size_t i = 0; i != sizeof kSpoilt / sizeof *kSpoilt; ++i) {
        in_both_rings(kSpoilt[i].name, {.code = nops, .rflags = kIf, .setup = send_through_spoilt, .argument = i});
    }
}

} // namespace conformance
