// SPDX-License-Identifier: MIT
// Breakpoints, single steps and alignment checks.  [SDM 3B "Debug Exceptions"; SDM 3A "Interrupt 17—Alignment Check
// Exception (#AC)"]
#include "arch/control_registers.h"
#include "arch/debug_registers.h"
#include "cpu/registers.h"
#include "families.h"
#include "landing.h"
#include "scenario.h"
#include "world.h"

#include <initializer_list>

namespace conformance {
namespace {

using arch::Ring;

SNIPPET(nops, "nop\n nop\n nop");
SNIPPET(load, "mov (%rcx), %rax\n nop");
SNIPPET(load_byte, "mov (%rcx), %al\n nop");
SNIPPET(store, "mov %rax, (%rcx)\n nop");
SNIPPET(store_byte, "mov %al, (%rcx)\n nop");
SNIPPET(increment, "incq (%rcx)\n nop");
SNIPPET(fill, "mov %rcx, %rdi\n mov $4, %ecx\n rep stosb\n nop");
SNIPPET(push_word, "push %rax\n nop");
SNIPPET(mov_ss, "mov (%rcx), %ss\n nop\n nop");
SNIPPET(undefined, "ud2");
SNIPPET(interrupt, "int $0x40");
SNIPPET(int3, "int3");
SNIPPET(syscall_code, "syscall");
SNIPPET(branch, "jmp 1f\n ud2\n1: nop");
SNIPPET(cpuid_code, "xor %eax, %eax\n cpuid\n xor %ebx, %ebx\n xor %ecx, %ecx\n xor %edx, %edx");
SNIPPET(push_flags, "pushfq\n pop %rbx");
SNIPPET(pop_flags, "push $0x102\n popfq\n nop\n nop");
SNIPPET(iretq, "push %rdi\n push %rsi\n push %rdx\n push %rcx\n push %rax\n iretq");
SNIPPET(sysretq, "sysretq");
SNIPPET(aligned_push, "push %rax");
SNIPPET(in_byte, "mov $0x3ff, %edx\n in %dx, %al\n xor %eax, %eax\n nop"); // COM1's scratch register
SNIPPET(out_byte, "mov $0x3ff, %edx\n out %al, %dx\n nop");
SNIPPET(out_string, "mov $0x3ff, %edx\n outsb\n nop");

/// R/W and LEN of a breakpoint in DR7.
enum class On : std::uint64_t { Execution = 0, Write = 1, InputOutput = 2, ReadOrWrite = 3 };

constexpr std::uint64_t dr7_for(On on, unsigned bytes)
{
    constexpr std::uint64_t kLocalEnable = 1;
    const std::uint64_t length = bytes == 8 ? 2 : bytes - 1;
    return arch::dr7::kAlwaysOne | kLocalEnable | static_cast<std::uint64_t>(on) << 16 | length << 18;
}

struct Breakpoint {
    std::uint64_t address, dr7;
};

void arm(std::uint64_t breakpoint)
{
    const auto& wanted = *reinterpret_cast<const Breakpoint*>(breakpoint);
    asm volatile("mov %0, %%dr0" : : "r"(wanted.address));
    kernel::write_dr7(wanted.dr7);
}

void run_with(const Name& name, Scenario scenario, Breakpoint breakpoint)
{
    scenario.setup = arm;
    scenario.argument = reinterpret_cast<std::uint64_t>(&breakpoint);
    run(name, scenario);
}

struct DataCase {
    const char* name;
    Snippet code;
    On on;
    unsigned bytes;
    std::uint64_t offset; ///< of the access from the breakpoint
};

constexpr DataCase kDataCases[] = {
    {"write-by-store", store, On::Write, 8, 0},
    {"write-by-load", load, On::Write, 8, 0},
    {"access-by-load", load, On::ReadOrWrite, 8, 0},
    {"write-by-increment", increment, On::Write, 8, 0},
    {"one-byte-before", store_byte, On::Write, 1, ~std::uint64_t{0}},
    {"one-byte-after", store_byte, On::Write, 1, 1},
    {"last-byte-of-four", store_byte, On::Write, 4, 3},
    {"byte-after-four", load_byte, On::ReadOrWrite, 4, 4},
    {"across-two", store, On::Write, 2, ~std::uint64_t{6}},
    {"by-string", fill, On::Write, 1, ~std::uint64_t{1}},
};

void run_breakpoints()
{
    for (const Ring ring : {Ring::Kernel, Ring::User}) {
        const char* const suffix = ring == Ring::User ? "-r3" : "-r0";
        constexpr std::uint64_t kExecution = dr7_for(On::Execution, 1);
        run_with({"breakpoint-first", suffix}, {.code = nops, .ring = ring}, {nops.in(ring), kExecution});
        run_with({"breakpoint-second", suffix}, {.code = nops, .ring = ring}, {nops.in(ring) + 1, kExecution});
        run_with({"breakpoint-with-rf", suffix}, {.code = nops, .ring = ring, .rflags = 0x1'0002},
                 {nops.in(ring), kExecution});
        run_with({"breakpoint-second-with-rf", suffix}, {.code = nops, .ring = ring, .rflags = 0x1'0002},
                 {nops.in(ring) + 1, kExecution});
        run_with({"breakpoint-and-step", suffix}, {.code = nops, .ring = ring, .rflags = 0x102},
                 {nops.in(ring) + 1, kExecution});
        run_with({"breakpoint-not-on-first-byte", suffix}, {.code = undefined, .ring = ring},
                 {undefined.in(ring) + 1, kExecution});
        run_with({"breakpoint-disabled", suffix}, {.code = nops, .ring = ring},
                 {nops.in(ring) + 1, arch::dr7::kAlwaysOne});
        run_with({"breakpoint-on-ud2", suffix}, {.code = undefined, .ring = ring}, {undefined.in(ring), kExecution});
        for (const DataCase& test : kDataCases) {
            constexpr std::uint64_t kWatched = world::kUserData + 0x100;
            run_with({"watchpoint-", test.name, suffix},
                     {.code = test.code, .ring = ring, .rcx = kWatched + test.offset},
                     {kWatched, dr7_for(test.on, test.bytes)});
        }
        const std::uint64_t top = ring == Ring::User ? world::user_stack() : world::kernel_stack();
        run_with({"watchpoint-push", suffix}, {.code = push_word, .ring = ring}, {top - 8, dr7_for(On::Write, 8)});
        constexpr std::uint64_t kSelector = world::kUserData + 0x200;
        *reinterpret_cast<volatile std::uint16_t*>(kSelector) =
            ring == Ring::User ? world::selector::kUserData | 3 : world::selector::kKernelData;
        run_with({"watchpoint-on-mov-ss", suffix}, {.code = mov_ss, .ring = ring, .rcx = kSelector},
                 {kSelector, dr7_for(On::ReadOrWrite, 2)});
    }
}

/// Breakpoints on a port: CR4.DE is set.
void run_port_breakpoints()
{
    constexpr std::uint64_t kScratch = 0x3ff;
    constexpr std::uint64_t kDr7 = dr7_for(On::InputOutput, 1);
    for (const Ring ring : {Ring::Kernel, Ring::User}) {
        const char* const suffix = ring == Ring::User ? "-r3" : "-r0";
        const auto run_on = [&](const char* name, const Snippet& code, std::uint64_t port) {
            run_with({"port-breakpoint-", name, suffix},
                     {.code = code, .ring = ring, .rsi = world::kUserData, .rflags = 0x3002}, {port, kDr7});
        };
        run_on("in", in_byte, kScratch);
        run_on("out", out_byte, kScratch);
        run_on("outs", out_string, kScratch);
        run_on("other-port", out_byte, kScratch - 1);
    }
}

struct Step {
    const char* name;
    Snippet code;
};

/// Each starts with TF set by the IRETQ that enters it.
constexpr Step kSteps[] = {
    {"nop", nops},
    {"ud2", undefined},
    {"int", interrupt},
    {"int3", int3},
    {"branch", branch},
    {"string", fill},
    {"push-flags", push_flags},
    {"pop-flags", pop_flags},
    {"syscall", syscall_code},
    {"cpuid", cpuid_code},
};

void run_single_steps()
{
    for (const Step& step : kSteps) {
        run_in_both_rings({"step-", step.name}, {.code = step.code, .rcx = world::kUserData, .rflags = 0x102});
    }
    run_in_both_rings("step-pop-flags-sets-tf", {.code = pop_flags});
    run("step-sysretq-sets-tf-r0", {.code = sysretq, .rcx = nops.in_user(), .r11 = 0x302});
    run("step-from-sysretq-r0", {.code = sysretq, .rcx = landing::user(), .r11 = 0x202, .rflags = 0x102});
    run("step-from-iretq-r0", {.code = iretq,
                               .rax = nops.in_user(),
                               .rcx = world::selector::kUserCode | 3u,
                               .rdx = 0x202,
                               .rsi = world::user_stack(),
                               .rdi = world::selector::kUserData | 3u,
                               .rflags = 0x102});
}

void enable_alignment_checks(std::uint64_t)
{
    asm volatile("mov %0, %%cr0" : : "r"(kernel::read_cr0() | arch::cr0::kAlignmentMask));
}

void run_alignment_checks()
{
    constexpr std::uint64_t kAc = 0x4'0002;
    const auto check = [](const char* name, Scenario scenario) {
        scenario.setup = enable_alignment_checks;
        run_in_both_rings({"alignment-", name}, scenario);
    };
    check("load", {.code = load, .rcx = world::kUserData + 1, .rflags = kAc});
    check("store", {.code = store, .rcx = world::kUserData + 4, .rflags = kAc});
    check("byte", {.code = load_byte, .rcx = world::kUserData + 1, .rflags = kAc});
    check("without-ac", {.code = load, .rcx = world::kUserData + 1});
    check("absent-page", {.code = load, .rcx = world::kAbsent + 1, .rflags = kAc});
    run_in_both_rings("alignment-without-am", {.code = load, .rcx = world::kUserData + 1, .rflags = kAc});
    run("alignment-push-r3", {.code = aligned_push,
                              .ring = Ring::User,
                              .rsp = world::user_stack() - 4,
                              .rflags = kAc,
                              .setup = enable_alignment_checks});
}

} // namespace

void run_debugging()
{
    run_breakpoints();
    run_port_breakpoints();
    run_single_steps();
    run_alignment_checks();
}

} // namespace conformance
