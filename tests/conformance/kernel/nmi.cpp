// SPDX-License-Identifier: MIT
// Non-maskable interrupts, sent by the local APIC to its own CPU, and how long they stay blocked.  The scenario sends
// one and waits in a loop of one instruction, for it need not arrive at once.
// [SDM 3A "Nonmaskable Interrupt (NMI)", "Handling Multiple NMIs"]
#include "apic.h"
#include "families.h"
#include "scenario.h"
#include "trap.h"

#include <initializer_list>

namespace conformance {
namespace {

using arch::IdtGate;
using arch::Ring;
namespace s = world::selector;

SNIPPET(send_and_wait, "mov %eax, (%rcx)\n1: jmp 1b");

// Handlers.  RDI is NMI's gate and R8 the low half of the usual one, which is put back, RAX to RCX sends the next NMI.
SNIPPET(send_again, "mov %r8, (%rdi)\n mov %eax, (%rcx)\n jmp 1f\n1: nop\n jmp 2f\n2: mov $0xb10c, %ebx\n iretq");
SNIPPET(nested_return, "mov %r8, (%rdi)\n mov %eax, (%rcx)\n mov $0xb10c, %ebx\n int $0x41\n1: jmp 1b");
SNIPPET(faulting_return, "mov %r8, (%rdi)\n mov %eax, (%rcx)\n mov $0xb10c, %ebx\n movq $0, 8(%rsp)\n iretq");
SNIPPET(nested_fault, "mov %r8, (%rdi)\n mov %eax, (%rcx)\n jmp 1f\n1: ud2");
SNIPPET(send_interrupt_too, "mov %r8, (%rdi)\n mov %edx, (%rcx)\n mov %eax, (%rcx)\n jmp 1f\n1: iretq");
SNIPPET(only_return, "iretq");

constexpr unsigned kNmi = 2, kNested = 0x41;

void set_handler(unsigned vector, const Snippet& handler)
{
    world::idt[vector] = IdtGate::interrupt(handler.in_kernel(), s::kKernelCode, 0, Ring::User);
}

struct Spoilt {
    const char* name;
    void (*spoil)(IdtGate& gate);
};

constexpr Spoilt kSpoilt[] = {
    {"ist2", [](IdtGate& gate) { gate.low |= IdtGate::kIst.put(2); }},
    {"gate-absent", [](IdtGate& gate) { gate.low &= ~IdtGate::kPresent; }},
    {"gate-cs-null", [](IdtGate& gate) { gate.low &= ~IdtGate::kSelector.mask(); }},
    {"ist2-absent",
     [](IdtGate& gate) {
         gate.low |= IdtGate::kIst.put(2);
         world::tss.ist[1] = world::kAbsent + 0x800;
     }},
    {"rsp0-absent", [](IdtGate&) { world::tss.rsp[0] = world::kAbsent + 0x800; }},
};

struct Handler {
    const char* name;
    Snippet code;
};

constexpr Handler kHandlers[] = {
    {"blocked-until-iretq", send_again},
    {"unblocked-by-nested-iretq", nested_return},
    {"unblocked-by-faulting-iretq", faulting_return},
    {"in-fault-of-handler", nested_fault},
    {"before-interrupt", send_interrupt_too},
};

void run_nmi(const char* name, Scenario scenario)
{
    scenario.code = send_and_wait;
    scenario.rax = apic::kSendNmi;
    scenario.rcx = apic::kCommand;
    scenario.rdx = apic::kSendLow;
    scenario.rdi = reinterpret_cast<std::uint64_t>(&world::idt[kNmi]);
    scenario.r8 = world::idt[kNmi].low;
    for (const Ring ring : {Ring::Kernel, Ring::User}) {
        scenario.ring = ring;
        run({"nmi-", name, ring == Ring::User ? "-r3" : "-r0"}, scenario);
        apic::reset();
    }
}

} // namespace

void run_nmis()
{
    apic::reset();
    run_nmi("with-if-clear", {.code = send_and_wait});
    run_nmi("with-if-set", {.code = send_and_wait, .rflags = 0x202});
    for (std::size_t i = 0; i != sizeof kSpoilt / sizeof *kSpoilt; ++i) {
        run_nmi(kSpoilt[i].name, {.code = send_and_wait,
                                  .setup = [](std::uint64_t which) { kSpoilt[which].spoil(world::idt[kNmi]); },
                                  .argument = i});
    }
    for (std::size_t i = 0; i != sizeof kHandlers / sizeof *kHandlers; ++i) {
        run_nmi(kHandlers[i].name, {.code = send_and_wait,
                                    .rflags = 0x202,
                                    .setup =
                                        [](std::uint64_t which) {
                                            set_handler(kNmi, kHandlers[which].code);
                                            set_handler(kNested, only_return);
                                        },
                                    .argument = i});
    }
}

} // namespace conformance
