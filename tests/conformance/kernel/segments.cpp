// SPDX-License-Identifier: MIT
// Loads of segment registers, LDTR and TR, and the instructions that ask about a selector.
// [SDM 2B MOV, POP; SDM 2A LTR, LLDT, LSS, LAR, LSL; SDM 2C VERR/VERW; SDM 3A "Segment Loading Instructions in IA-32e
// Mode"]
#include "families.h"
#include "scenario.h"
#include "world.h"

namespace conformance {
namespace {

using arch::Ring;
namespace s = world::selector;

SNIPPET(load_ds, "mov %ecx, %ds");
SNIPPET(load_es, "mov %ecx, %es");
SNIPPET(load_fs, "mov %ecx, %fs");
SNIPPET(load_gs, "mov %ecx, %gs");
SNIPPET(load_ss, "mov %ecx, %ss");
SNIPPET(load_cs, ".byte 0x8e, 0xc9");
SNIPPET(load_segment_6, ".byte 0x8e, 0xf1");
SNIPPET(pop_fs, "push %rcx\n popq %fs");
SNIPPET(pop_gs, "push %rcx\n popq %gs");
SNIPPET(pop_ds, ".byte 0x1f");
SNIPPET(lss, "push %rcx\n push $0x1234\n lssq (%rsp), %rax\n");
SNIPPET(lldt, "lldt %cx\n sldt %rdx");
SNIPPET(ltr, "ltr %cx\n str %rdx");
SNIPPET(lar, "lar %ecx, %eax");
SNIPPET(lsl, "lsl %ecx, %eax");
SNIPPET(verr, "verr %cx");
SNIPPET(verw, "verw %cx");
SNIPPET(lgdt, "push %rcx\n push %rcx\n movw $0x11f, 6(%rsp)\n lgdt 6(%rsp)");
SNIPPET(lidt, "push %rcx\n push %rcx\n movw $0xfff, 6(%rsp)\n lidt 6(%rsp)");

struct Selector {
    const char* name;
    std::uint16_t value;
};

constexpr Selector kSelectors[] = {
    {"null", 0},
    {"null-rpl-3", 3},
    {"kernel-data", s::kKernelData},
    {"kernel-data-rpl-3", s::kKernelData | 3},
    {"user-data", s::kUserData | 3},
    {"user-data-rpl-0", s::kUserData},
    {"kernel-code", s::kKernelCode},
    {"user-code", s::kUserCode | 3},
    {"execute-only", s::kExecuteOnlyCode},
    {"conforming", s::kConformingCode | 3},
    {"read-only-user", s::kReadOnlyUserData | 3},
    {"read-only-kernel", s::kReadOnlyKernelData},
    {"absent-kernel", s::kAbsentKernelData},
    {"absent-user", s::kAbsentUserData | 3},
    {"tss", s::kTss},
    {"call-gate", s::kGate | 3},
    {"upper-half-of-tss", s::kTss + 8},
    {"ldt-data", s::kLdtUserData | 3},
    {"beyond-ldt", s::kBeyondLdt | 3},
    {"beyond-gdt", s::kBeyondGdt | 3},
};

struct Load {
    const char* name;
    Snippet code;
};

constexpr Load kLoads[] = {{"ds", load_ds}, {"ss", load_ss}, {"fs", load_fs}};
constexpr Load kQuestions[] = {{"lar-", lar}, {"lsl-", lsl}, {"verr-", verr}, {"verw-", verw}};

constexpr Selector kSystemSelectors[] = {
    {"null", 0},
    {"other-tss", s::kOtherTss},
    {"busy-tss", s::kTss},
    {"absent-tss", s::kAbsentTss},
    {"ldt", s::kLdt},
    {"absent-ldt", s::kAbsentLdt},
    {"data", s::kKernelData},
    {"in-ldt", s::kLdtUserData},
    {"beyond-gdt", s::kBeyondGdt},
    {"last-word-of-gdt", s::kBeyondGdt - 8},
};

void spoil_upper_half(std::uint64_t selector)
{
    world::gdt[selector / 8 + 1] |= arch::bit<8>; // the upper type field
}

void make_base_non_canonical(std::uint64_t selector)
{
    world::gdt[selector / 8 + 1] = world::kNonCanonical >> 32;
}

} // namespace

void run_segments()
{
    for (const Load& load : kLoads) {
        for (const Selector& selector : kSelectors) {
            run_in_both_rings({"mov-", load.name, '-', selector.name}, {.code = load.code, .rcx = selector.value});
        }
    }
    run_in_both_rings("mov-es-user-data", {.code = load_es, .rcx = s::kUserData | 3});
    run_in_both_rings("mov-gs-user-data", {.code = load_gs, .rcx = s::kUserData | 3});
    run_in_both_rings("mov-cs", {.code = load_cs, .rcx = s::kUserCode | 3});
    run_in_both_rings("mov-segment-6", {.code = load_segment_6});
    run_in_both_rings("pop-fs-user-data", {.code = pop_fs, .rcx = s::kUserData | 3});
    run_in_both_rings("pop-gs-absent", {.code = pop_gs, .rcx = s::kAbsentUserData | 3});
    run_in_both_rings("pop-ds", {.code = pop_ds});
    run_in_both_rings("lss-user-data", {.code = lss, .rcx = s::kUserData | 3});
    run_in_both_rings("lss-null", {.code = lss, .rcx = 0});
    for (const Selector& selector : kSystemSelectors) {
        run({"lldt-", selector.name, "-r0"}, {.code = lldt, .rcx = selector.value});
        run({"ltr-", selector.name, "-r0"}, {.code = ltr, .rcx = selector.value});
    }
    run("ltr-upper-type-r0", {.code = ltr, .rcx = s::kOtherTss, .setup = spoil_upper_half, .argument = s::kOtherTss});
    run("ltr-base-non-canonical-r0",
        {.code = ltr, .rcx = s::kOtherTss, .setup = make_base_non_canonical, .argument = s::kOtherTss});
    run("lldt-base-non-canonical-r0",
        {.code = lldt, .rcx = s::kLdt, .setup = make_base_non_canonical, .argument = s::kLdt});
    for (const Load& question : kQuestions) {
        for (const Selector& selector : kSelectors) {
            run_in_both_rings({question.name, selector.name}, {.code = question.code, .rcx = selector.value});
        }
    }
    run("lgdt-non-canonical-r0", {.code = lgdt, .rcx = world::kNonCanonical});
    run("lidt-non-canonical-r0", {.code = lidt, .rcx = world::kNonCanonical});
}

} // namespace conformance
