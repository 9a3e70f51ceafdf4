// SPDX-License-Identifier: MIT
// IRETQ and IRETD: each frame that must be refused, and the ones that must not.
// [SDM 2A IRET "Operation"; SDM 3A "IRET in IA-32e Mode"]
#include "families.h"
#include "landing.h"
#include "scenario.h"
#include "world.h"

namespace conformance {
namespace {

using arch::Ring;
namespace s = world::selector;

SNIPPET(iretq, "push %rdi\n push %rsi\n push %rdx\n push %rcx\n push %rax\n iretq");
SNIPPET(iretd, "sub $20, %rsp\n mov %eax, (%rsp)\n mov %ecx, 4(%rsp)\n mov %edx, 8(%rsp)\n mov %esi, 12(%rsp)\n"
               "mov %edi, 16(%rsp)\n iretl");
SNIPPET(iretw, "sub $10, %rsp\n mov %ax, (%rsp)\n mov %cx, 2(%rsp)\n mov %dx, 4(%rsp)\n mov %si, 6(%rsp)\n"
               "mov %di, 8(%rsp)\n iretw");
SNIPPET(iretq_unreadable, "mov %rcx, %rsp\n iretq");

enum class Target { User, Kernel };

/// A frame as it should be, for one of the two rings.
Scenario good_frame(Target target)
{
    const bool user = target == Target::User;
    return {.code = iretq,
            .rax = user ? landing::user() : landing::kernel(),
            .rcx = user ? s::kUserCode | 3u : s::kKernelCode,
            .rdx = 0x202,
            .rsi = user ? world::user_stack() : world::kernel_stack() - 0x100,
            .rdi = user ? s::kUserData | 3u : s::kKernelData};
}

struct Case {
    const char* name;
    Target target;
    void (*spoil)(Scenario& frame);
};

constexpr Case kCases[] = {
    {"user", Target::User, [](Scenario&) {}},
    {"kernel", Target::Kernel, [](Scenario&) {}},
    {"cs-null", Target::User, [](Scenario& f) { f.rcx = 0; }},
    {"cs-null-rpl-3", Target::User, [](Scenario& f) { f.rcx = 3; }},
    {"cs-beyond-gdt", Target::User, [](Scenario& f) { f.rcx = s::kBeyondGdt | 3; }},
    {"cs-data", Target::User, [](Scenario& f) { f.rcx = s::kUserData | 3; }},
    {"cs-tss", Target::User, [](Scenario& f) { f.rcx = s::kTss | 3; }},
    {"cs-call-gate", Target::User, [](Scenario& f) { f.rcx = s::kGate | 3; }},
    {"cs-kernel-rpl-3", Target::User, [](Scenario& f) { f.rcx = s::kKernelCode | 3; }},
    {"cs-user-rpl-0", Target::Kernel, [](Scenario& f) { f.rcx = s::kUserCode; }},
    {"cs-absent", Target::User, [](Scenario& f) { f.rcx = s::kAbsentUserCode | 3; }},
    {"cs-kernel-absent", Target::Kernel, [](Scenario& f) { f.rcx = s::kAbsentKernelCode; }},
    {"cs-long-and-default", Target::User, [](Scenario& f) { f.rcx = s::kLongAndDefaultCode | 3; }},
    {"cs-ldt", Target::User, [](Scenario& f) { f.rcx = s::kLdtUserCode | 3; }},
    {"cs-beyond-ldt", Target::User, [](Scenario& f) { f.rcx = s::kBeyondLdt | 3; }},
    {"cs-ring-1", Target::User, [](Scenario& f) { f.rcx = s::kRing1Code | 1, f.rdi = s::kRing1Data | 1; }},
    {"cs-conforming", Target::Kernel, [](Scenario& f) { f.rcx = s::kConformingCode; }},
    {"cs-conforming-user", Target::User, [](Scenario& f) { f.rcx = s::kConformingCode | 3; }},
    {"cs-execute-only", Target::Kernel, [](Scenario& f) { f.rcx = s::kExecuteOnlyCode; }},
    {"ss-null", Target::User, [](Scenario& f) { f.rdi = 0; }},
    {"ss-null-rpl-3", Target::User, [](Scenario& f) { f.rdi = 3; }},
    {"ss-null-kernel", Target::Kernel, [](Scenario& f) { f.rdi = 0; }},
    {"ss-null-kernel-rpl-3", Target::Kernel, [](Scenario& f) { f.rdi = 3; }},
    {"ss-beyond-gdt", Target::User, [](Scenario& f) { f.rdi = s::kBeyondGdt | 3; }},
    {"ss-code", Target::User, [](Scenario& f) { f.rdi = s::kUserCode | 3; }},
    {"ss-tss", Target::User, [](Scenario& f) { f.rdi = s::kTss | 3; }},
    {"ss-kernel-rpl-3", Target::User, [](Scenario& f) { f.rdi = s::kKernelData | 3; }},
    {"ss-rpl-0", Target::User, [](Scenario& f) { f.rdi = s::kUserData; }},
    {"ss-user-for-kernel", Target::Kernel, [](Scenario& f) { f.rdi = s::kUserData | 3; }},
    {"ss-read-only", Target::User, [](Scenario& f) { f.rdi = s::kReadOnlyUserData | 3; }},
    {"ss-absent", Target::User, [](Scenario& f) { f.rdi = s::kAbsentUserData | 3; }},
    {"ss-absent-kernel", Target::Kernel, [](Scenario& f) { f.rdi = s::kAbsentKernelData; }},
    {"ss-ldt", Target::User, [](Scenario& f) { f.rdi = s::kLdtUserData | 3; }},
    {"ss-beyond-ldt", Target::User, [](Scenario& f) { f.rdi = s::kBeyondLdt | 3; }},
    {"rip-non-canonical", Target::User, [](Scenario& f) { f.rax = world::kNonCanonical; }},
    {"rip-non-canonical-kernel", Target::Kernel, [](Scenario& f) { f.rax = world::kNonCanonical; }},
    {"rip-high-non-canonical", Target::User, [](Scenario& f) { f.rax = 0xffff'7fff'ffff'fff0; }},
    {"rip-kernel-address", Target::User, [](Scenario& f) { f.rax = landing::kernel(); }},
    {"rip-absent", Target::User, [](Scenario& f) { f.rax = world::kAbsent; }},
    {"rsp-non-canonical", Target::User, [](Scenario& f) { f.rsi = world::kNonCanonical; }},
    {"rsp-kernel-address", Target::User, [](Scenario& f) { f.rsi = world::kernel_stack(); }},
    {"rsp-odd", Target::User, [](Scenario& f) { f.rsi = world::user_stack() - 3; }},
    {"nested-task", Target::User, [](Scenario& f) { f.rflags |= arch::rflags::kNestedTask; }},
    {"to-nested-task", Target::User, [](Scenario& f) { f.rdx |= arch::rflags::kNestedTask; }},
    {"to-iopl-3", Target::User, [](Scenario& f) { f.rdx |= arch::rflags::kIopl.mask(); }},
    {"to-if-0", Target::User, [](Scenario& f) { f.rdx = 0x2; }},
    {"to-vm86", Target::User, [](Scenario& f) { f.rdx |= arch::rflags::kVirtual8086; }},
    {"to-all-flags", Target::User, [](Scenario& f) { f.rdx = ~std::uint64_t{0x3'4100}; }},
    {"to-reserved-flags", Target::User, [](Scenario& f) { f.rdx = 0x8028; }},
    {"to-resume", Target::User, [](Scenario& f) { f.rdx |= arch::rflags::kResume; }},
    {"to-trap", Target::User, [](Scenario& f) { f.rdx |= arch::rflags::kTrap; }},
    {"to-trap-kernel", Target::Kernel, [](Scenario& f) { f.rdx |= arch::rflags::kTrap; }},
};

/// IRET in ring 3 may stay there, and changes only what ring 3 may change.
constexpr Case kUserCases[] = {
    {"user", Target::User, [](Scenario&) {}},
    {"kernel", Target::Kernel, [](Scenario&) {}},
    {"cs-null", Target::User, [](Scenario& f) { f.rcx = 0; }},
    {"cs-kernel-rpl-3", Target::User, [](Scenario& f) { f.rcx = s::kKernelCode | 3; }},
    {"cs-ring-1", Target::User, [](Scenario& f) { f.rcx = s::kRing1Code | 1; }},
    {"ss-null", Target::User, [](Scenario& f) { f.rdi = 0; }},
    {"ss-kernel", Target::User, [](Scenario& f) { f.rdi = s::kKernelData | 3; }},
    {"to-iopl-3", Target::User, [](Scenario& f) { f.rdx |= arch::rflags::kIopl.mask(); }},
    {"to-if", Target::User, [](Scenario& f) { f.rdx = 0x202; }},
    {"to-vm86", Target::User, [](Scenario& f) { f.rdx |= arch::rflags::kVirtual8086; }},
    {"nested-task", Target::User, [](Scenario& f) { f.rflags |= arch::rflags::kNestedTask; }},
    {"rip-non-canonical", Target::User, [](Scenario& f) { f.rax = world::kNonCanonical; }},
};

} // namespace

void run_iret()
{
    for (const Case& test : kCases) {
        Scenario frame = good_frame(test.target);
        test.spoil(frame);
        run({"iretq-", test.name, "-r0"}, frame);
    }
    for (const Case& test : kUserCases) {
        Scenario frame = good_frame(test.target);
        frame.ring = Ring::User;
        test.spoil(frame);
        run({"iretq-", test.name, "-r3"}, frame);
    }
    // The narrow forms reach the kernel's half of this machine only: its addresses fit in 32 bits.
    Scenario narrow = good_frame(Target::Kernel);
    narrow.code = iretd;
    run("iretd-kernel-r0", narrow);
    narrow.rdi = s::kUserData | 3;
    narrow.rcx = s::kUserCode | 3;
    run("iretd-user-r0", narrow);
    narrow.rcx = 0;
    run("iretd-cs-null-r0", narrow);
    narrow.code = iretw;
    run("iretw-cs-null-r0", narrow);
    run("iretq-stack-absent-r0", {.code = iretq_unreadable, .rcx = world::kAbsent});
    run("iretq-stack-non-canonical-r0", {.code = iretq_unreadable, .rcx = world::kNonCanonical});
    Scenario to_32_bit = good_frame(Target::User);
    to_32_bit.rcx = s::kUserCode32 | 3;
    to_32_bit.rax = 0x1000; // no page: the fetch faults, in compatibility mode
    run("iretq-cs-32-bit-r0", to_32_bit);
    to_32_bit.rax = 0x1'0000'1000;
    run("iretq-cs-32-bit-rip-64-r0", to_32_bit);
}

} // namespace conformance
