// SPDX-License-Identifier: MIT
// Far JMP, CALL and RET: to segments of the same ring, through call gates, and what must be refused.
// [SDM 2A JMP, CALL; SDM 2B RET "Operation"; SDM 3A "Call Gates"]
#include "families.h"
#include "landing.h"
#include "scenario.h"
#include "world.h"

namespace conformance {
namespace {

using arch::Ring;
namespace s = world::selector;

// LJMP and LCALL with a 64-bit offset, of the pointer at (%rsp).
SNIPPET(far_jump, "push %rcx\n push %rax\n .byte 0x48, 0xff, 0x2c, 0x24");
SNIPPET(far_call, "push %rcx\n push %rax\n .byte 0x48, 0xff, 0x1c, 0x24");
SNIPPET(far_return, "push %rdi\n push %rsi\n push %rcx\n push %rax\n lretq");

struct Target {
    const char* name;
    std::uint16_t selector;
};

/// Selectors that do not change the ring: success, or an error.
constexpr Target kTargets[] = {
    {"null", 0},
    {"beyond-gdt", s::kBeyondGdt},
    {"data", s::kKernelData},
    {"tss", s::kTss},
    {"ldt", s::kLdt},
    {"absent", s::kAbsentKernelCode},
    {"kernel-rpl-3", s::kKernelCode | 3},
    {"execute-only", s::kExecuteOnlyCode},
    {"conforming", s::kConformingCode},
    {"long-and-default", s::kLongAndDefaultCode},
    {"absent-gate", s::kAbsentGate},
    {"beyond-ldt", s::kBeyondLdt},
};

void run_both(const Name& name, Scenario scenario)
{
    scenario.code = far_jump;
    run({"far-jmp-", name.text()}, scenario);
    scenario.code = far_call;
    run({"far-call-", name.text()}, scenario);
}

} // namespace

void run_far_transfers()
{
    for (const Target& target : kTargets) {
        run_both({target.name, "-r0"}, {.code = far_jump, .rax = landing::kernel(), .rcx = target.selector});
        run_both({target.name, "-r3"},
                 {.code = far_jump, .ring = Ring::User, .rax = landing::user(), .rcx = target.selector});
    }
    run_both("kernel-r0", {.code = far_jump, .rax = landing::kernel(), .rcx = s::kKernelCode});
    run_both("kernel-r3", {.code = far_jump, .ring = Ring::User, .rax = landing::user(), .rcx = s::kKernelCode});
    run_both("user-r0", {.code = far_jump, .rax = landing::user(), .rcx = s::kUserCode | 3u});
    run_both("user-r3", {.code = far_jump, .ring = Ring::User, .rax = landing::user(), .rcx = s::kUserCode | 3u});
    run_both("rip-non-canonical-r0", {.code = far_jump, .rax = world::kNonCanonical, .rcx = s::kKernelCode});
    run_both("rip-absent-r0", {.code = far_jump, .rax = world::kAbsent, .rcx = s::kKernelCode});
    run_both("gate-r0", {.code = far_jump, .rcx = s::kGate});
    run_both("kernel-gate-r0", {.code = far_jump, .rcx = s::kKernelGate});
    run_both("kernel-gate-r3", {.code = far_jump, .ring = Ring::User, .rcx = s::kKernelGate | 3u});
    run("far-jmp-gate-r3", {.code = far_jump, .ring = Ring::User, .rcx = s::kGate | 3u});
    for (const Target& target : kTargets) {
        run({"far-ret-", target.name, "-r0"}, {.code = far_return, .rax = landing::kernel(), .rcx = target.selector});
    }
    run("far-ret-kernel-r0", {.code = far_return, .rax = landing::kernel(), .rcx = s::kKernelCode});
    run("far-ret-user-r3", {.code = far_return, .ring = Ring::User, .rax = landing::user(), .rcx = s::kUserCode | 3u});
    run("far-ret-to-ring-0-r3",
        {.code = far_return, .ring = Ring::User, .rax = landing::kernel(), .rcx = s::kKernelCode});
    run("far-ret-rip-non-canonical-r0", {.code = far_return, .rax = world::kNonCanonical, .rcx = s::kKernelCode});
}

} // namespace conformance
