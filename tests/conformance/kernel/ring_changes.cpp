// SPDX-License-Identifier: MIT
// Far transfers that change the ring: RET to an outer one, CALL through a gate to an inner one, and the gates, stacks
// and segments for which they must be refused.
// [SDM 2A CALL, JMP; SDM 2B RET "Operation"; SDM 3A "Call Gates", "Stack Switching in IA-32e Mode"]
#include "arch/call_gate.h"
#include "families.h"
#include "landing.h"
#include "scenario.h"
#include "world.h"

namespace conformance {
namespace {

using arch::CallGate;
using arch::Ring;
namespace s = world::selector;

SNIPPET(far_jump, "push %rcx\n push %rax\n .byte 0x48, 0xff, 0x2c, 0x24");
SNIPPET(far_call, "push %rcx\n push %rax\n .byte 0x48, 0xff, 0x1c, 0x24");
SNIPPET(far_return, "push %rdi\n push %rsi\n push %rcx\n push %rax\n lretq");
SNIPPET(far_return_releasing, "push %rdi\n push %rsi\n push $0\n push $0\n push %rcx\n push %rax\n lretq $16");
SNIPPET(far_return_unreadable, "mov %rcx, %rsp\n lretq");
SNIPPET(call_and_return, "push %rcx\n push %rax\n .byte 0x48, 0xff, 0x1c, 0x24\n nop");
SNIPPET(return_from_gate, "lretq");

struct Return {
    const char* name;
    void (*spoil)(Scenario& frame);
};

constexpr Return kReturns[] = {
    {"good", [](Scenario&) {}},
    {"releasing", [](Scenario& f) { f.code = far_return_releasing; }},
    {"cs-absent", [](Scenario& f) { f.rcx = s::kAbsentUserCode | 3; }},
    {"cs-kernel-rpl-3", [](Scenario& f) { f.rcx = s::kKernelCode | 3; }},
    {"cs-conforming", [](Scenario& f) { f.rcx = s::kConformingCode | 3; }},
    {"cs-long-and-default", [](Scenario& f) { f.rcx = s::kLongAndDefaultCode | 3; }},
    {"cs-ldt", [](Scenario& f) { f.rcx = s::kLdtUserCode | 3; }},
    {"cs-ring-1", [](Scenario& f) { f.rcx = s::kRing1Code | 1, f.rdi = s::kRing1Data | 1; }},
    {"ss-null", [](Scenario& f) { f.rdi = 0; }},
    {"ss-null-to-ring-1", [](Scenario& f) { f.rcx = s::kRing1Code | 1, f.rdi = 1; }},
    {"ss-kernel", [](Scenario& f) { f.rdi = s::kKernelData; }},
    {"ss-rpl-0", [](Scenario& f) { f.rdi = s::kUserData; }},
    {"ss-code", [](Scenario& f) { f.rdi = s::kUserCode | 3; }},
    {"ss-read-only", [](Scenario& f) { f.rdi = s::kReadOnlyUserData | 3; }},
    {"ss-absent", [](Scenario& f) { f.rdi = s::kAbsentUserData | 3; }},
    {"ss-beyond-gdt", [](Scenario& f) { f.rdi = s::kBeyondGdt | 3; }},
    {"rip-non-canonical", [](Scenario& f) { f.rax = world::kNonCanonical; }},
    {"rip-absent", [](Scenario& f) { f.rax = world::kAbsent; }},
    {"rsp-non-canonical", [](Scenario& f) { f.rsi = world::kNonCanonical; }},
};

struct Gate {
    const char* name;
    void (*spoil)(CallGate& gate);
};

/// A far pointer to the gate, whose offset does not count: as m16:64 in RAX and RCX, and in RAX alone as the m16:32
/// that AMD's CPUs read.
constexpr std::uint64_t kToGate = s::kGate | 3u, kToGateInRax = kToGate << 32;

CallGate gate_to(std::uint16_t selector)
{
    return CallGate::to(landing::kernel(), selector, Ring::User);
}

constexpr Gate kGates[] = {
    {"good", [](CallGate&) {}},
    {"absent", [](CallGate& gate) { gate.low &= ~arch::SegmentDescriptor::kPresent; }},
    {"dpl-0", [](CallGate& gate) { gate = CallGate::to(landing::kernel(), s::kKernelCode, Ring::Kernel); }},
    {"upper-type", [](CallGate& gate) { gate.high |= CallGate::kUpperType.put(1); }},
    {"non-canonical", [](CallGate& gate) { gate = CallGate::to(world::kNonCanonical, s::kKernelCode, Ring::User); }},
    {"target-absent", [](CallGate& gate) { gate = CallGate::to(world::kAbsent, s::kKernelCode, Ring::User); }},
    {"cs-null", [](CallGate& gate) { gate = gate_to(0); }},
    {"cs-rpl-3", [](CallGate& gate) { gate = gate_to(s::kKernelCode | 3); }},
    {"cs-data", [](CallGate& gate) { gate = gate_to(s::kKernelData); }},
    {"cs-tss", [](CallGate& gate) { gate = gate_to(s::kTss); }},
    {"cs-absent", [](CallGate& gate) { gate = gate_to(s::kAbsentKernelCode); }},
    {"cs-32-bit", [](CallGate& gate) { gate = gate_to(s::kKernelCode32); }},
    {"cs-long-and-default", [](CallGate& gate) { gate = gate_to(s::kLongAndDefaultCode); }},
    {"cs-conforming", [](CallGate& gate) { gate = gate_to(s::kConformingCode); }},
    {"cs-user", [](CallGate& gate) { gate = CallGate::to(landing::user(), s::kUserCode, Ring::User); }},
    {"cs-beyond-gdt", [](CallGate& gate) { gate = gate_to(s::kBeyondGdt); }},
    {"rsp0-absent", [](CallGate&) { world::tss.rsp[0] = world::kAbsent + 0x800; }},
    {"rsp0-read-only", [](CallGate&) { world::tss.rsp[0] = world::kKernelReadOnly + 0x800; }},
    {"rsp0-non-canonical", [](CallGate&) { world::tss.rsp[0] = world::kNonCanonical + 0x1000; }},
    {"rsp0-misaligned", [](CallGate&) { world::tss.rsp[0] = world::rsp0() - 5; }},
};

void spoil_gate(std::uint64_t which)
{
    std::uint64_t* const words = world::gdt + s::kGate / 8;
    CallGate gate{words[0], words[1]};
    kGates[which].spoil(gate);
    words[0] = gate.low;
    words[1] = gate.high;
}

} // namespace

void run_ring_changes()
{
    for (const Return& test : kReturns) {
        Scenario frame{.code = far_return,
                       .rax = landing::user(),
                       .rcx = s::kUserCode | 3u,
                       .rsi = world::user_stack(),
                       .rdi = s::kUserData | 3u};
        test.spoil(frame);
        run({"far-ret-outer-", test.name, "-r0"}, frame);
    }
    run_in_both_rings("far-ret-stack-absent", {.code = far_return_unreadable, .rcx = world::kAbsent});
    run_in_both_rings("far-ret-stack-non-canonical", {.code = far_return_unreadable, .rcx = world::kNonCanonical});
    for (std::size_t i = 0; i != sizeof kGates / sizeof *kGates; ++i) {
        run_in_both_rings({"call-gate-", kGates[i].name},
                          {.code = far_call, .rax = kToGateInRax, .rcx = kToGate, .setup = spoil_gate, .argument = i});
        run_in_both_rings({"jmp-gate-", kGates[i].name},
                          {.code = far_jump, .rax = kToGateInRax, .rcx = kToGate, .setup = spoil_gate, .argument = i});
    }
    run("call-gate-and-far-ret-r3",
        {.code = call_and_return, .ring = Ring::User, .rax = kToGateInRax, .rcx = kToGate, .setup = [](std::uint64_t) {
             const auto gate = CallGate::to(return_from_gate.in_kernel(), s::kKernelCode, Ring::User);
             world::gdt[s::kGate / 8] = gate.low;
             world::gdt[s::kGate / 8 + 1] = gate.high;
         }});
}

} // namespace conformance
