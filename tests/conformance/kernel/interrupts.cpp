// SPDX-License-Identifier: MIT
// INT n: who may use a gate, and what a bad gate does, for INT n and for an exception.
// [SDM 2A INT n "Operation"; SDM 3A "Error Code", "64-Bit Mode IDT"]
#include "arch/control_registers.h"
#include "cpu/registers.h"
#include "families.h"
#include "scenario.h"
#include "trap.h"
#include "world.h"

#include <initializer_list>

// INT 0 .. INT 255, sixteen bytes apart.
asm(".pushsection .snippets, \"ax\"\n.balign 16\nint_snippets:\n"
    ".set number, 0\n.rept 256\n.byte 0xcd, number\nint $0x40\n.balign 16\n.set number, number + "
    "1\n.endr\n.popsection");
extern "C" const std::uint8_t int_snippets[];

namespace conformance {
namespace {

using arch::IdtGate;
using arch::Ring;
using arch::SegmentDescriptor;
namespace s = world::selector;

SNIPPET(undefined, "ud2");
SNIPPET(page_fault, "mov (%rcx), %rax");

Snippet int_n(unsigned vector)
{
    const std::uint8_t* const begin = int_snippets + std::size_t{16} * vector;
    return {begin, begin + 4};
}

/// The vector whose gate the scenarios below spoil, by INT n; #UD is spoilt the same way.
constexpr unsigned kSpoilt = 0x50, kUndefined = 6;

struct GateCase {
    const char* name;
    void (*spoil)(IdtGate& gate);
};

IdtGate gate_to(std::uint16_t selector)
{
    return IdtGate::interrupt(trap_stubs[kSpoilt], selector, 0, Ring::User);
}

constexpr GateCase kGateCases[] = {
    {"absent", [](IdtGate& gate) { gate.low &= ~IdtGate::kPresent; }},
    {"type-0", [](IdtGate& gate) { gate.low &= ~IdtGate::kType.mask(); }},
    {"type-task", [](IdtGate& gate) { gate.low = (gate.low & ~IdtGate::kType.mask()) | IdtGate::kType.put(5); }},
    {"type-call", [](IdtGate& gate) { gate.low = (gate.low & ~IdtGate::kType.mask()) | IdtGate::kType.put(12); }},
    {"type-data", [](IdtGate& gate) { gate.low |= SegmentDescriptor::kCodeOrData; }},
    {"cs-null", [](IdtGate& gate) { gate = gate_to(0); }},
    {"cs-data", [](IdtGate& gate) { gate = gate_to(s::kKernelData); }},
    {"cs-beyond-gdt", [](IdtGate& gate) { gate = gate_to(s::kBeyondGdt); }},
    {"cs-tss", [](IdtGate& gate) { gate = gate_to(s::kTss); }},
    {"cs-absent", [](IdtGate& gate) { gate = gate_to(s::kAbsentKernelCode); }},
    {"cs-32-bit", [](IdtGate& gate) { gate = gate_to(s::kKernelCode32); }},
    {"cs-user", [](IdtGate& gate) { gate = gate_to(s::kUserCode); }},
    {"cs-rpl-3", [](IdtGate& gate) { gate = gate_to(s::kKernelCode | 3); }},
    {"cs-execute-only", [](IdtGate& gate) { gate = gate_to(s::kExecuteOnlyCode); }},
    {"cs-long-and-default", [](IdtGate& gate) { gate = gate_to(s::kLongAndDefaultCode); }},
    {"handler-non-canonical",
     [](IdtGate& gate) { gate = IdtGate::interrupt(world::kNonCanonical, s::kKernelCode, 0, Ring::User); }},
    {"handler-absent", [](IdtGate& gate) { gate = IdtGate::interrupt(world::kAbsent, s::kKernelCode, 0, Ring::User); }},
};

void spoil_gate(std::uint64_t which)
{
    for (const unsigned vector : {kSpoilt, kUndefined}) {
        world::idt[vector] = IdtGate::interrupt(trap_stubs[vector], s::kKernelCode, 0, Ring::User);
        kGateCases[which].spoil(world::idt[vector]);
    }
}

void make_trap_gate(std::uint64_t vector)
{
    IdtGate& gate = world::idt[vector];
    gate = IdtGate::interrupt(trap_stubs[vector], s::kKernelCode, 0, Ring::User);
    gate.low |= IdtGate::kType.put(IdtGate::kTypeTrap);
}

void shorten_idt(std::uint64_t vector)
{
    world::load_idt(static_cast<std::uint16_t>(vector * sizeof(IdtGate) - 1));
}

constexpr std::uint64_t kAllFlags = 0x2 | arch::rflags::kArithmetic | arch::rflags::kDirection |
                                    arch::rflags::kInterrupt | arch::rflags::kIopl.mask() |
                                    arch::rflags::kAlignmentCheck | arch::rflags::kIdentification;

} // namespace

void run_interrupts()
{
    for (const unsigned vector :
         {0u, 1u, 2u, 3u, 4u, 5u, 6u, 8u, 9u, 10u, 13u, 14u, 15u, 17u, 18u, 21u, 31u, 32u, 0x41u, 0x80u, 0xffu}) {
        run_in_both_rings({"int-", vector}, {.code = int_n(vector)});
    }
    for (std::size_t i = 0; i != sizeof kGateCases / sizeof *kGateCases; ++i) {
        run_in_both_rings({"int-gate-", kGateCases[i].name},
                          {.code = int_n(kSpoilt), .setup = spoil_gate, .argument = i});
        run_in_both_rings({"ud2-gate-", kGateCases[i].name}, {.code = undefined, .setup = spoil_gate, .argument = i});
    }
    run_in_both_rings("int-beyond-idt", {.code = int_n(0xff), .setup = shorten_idt, .argument = 0x80});
    run_in_both_rings("int-keeps-flags", {.code = int_n(world::kDone), .rflags = kAllFlags});
    run_in_both_rings("int-trap-gate-keeps-if",
                      {.code = int_n(kSpoilt), .rflags = kAllFlags, .setup = make_trap_gate, .argument = kSpoilt});
    run_in_both_rings(
        "page-fault-trap-gate",
        {.code = page_fault, .rcx = world::kAbsent, .rflags = kAllFlags, .setup = make_trap_gate, .argument = 14});
    for (const unsigned misalignment : {1u, 8u, 15u}) {
        run({"int-aligns-stack-", misalignment},
            {.code = int_n(world::kDone), .rsp = world::kernel_stack() - misalignment});
    }
}

} // namespace conformance
