// SPDX-License-Identifier: MIT
// Instructions that ring 3 must not execute, or only when IOPL, a control register or the TSS lets it.
// [SDM 3A "Privileged Instructions"; SDM 1 "I/O Privilege Level"]
#include "arch/control_registers.h"
#include "arch/uart16550.h"
#include "cpu/registers.h"
#include "families.h"
#include "scenario.h"
#include "world.h"

namespace conformance {
namespace {

using arch::Ring;

SNIPPET(cli, "cli\n pushfq\n pop %rbx\n and $0x200, %ebx");
SNIPPET(sti, "sti\n pushfq\n cli\n pop %rbx\n and $0x200, %ebx");
SNIPPET(hlt, "hlt");
SNIPPET(lgdt, "lgdt (%rcx)");
SNIPPET(lidt, "lidt (%rcx)");
SNIPPET(lldt, "lldt %cx");
SNIPPET(ltr, "ltr %cx");
SNIPPET(wbinvd, "wbinvd");
SNIPPET(invd, "invd");
SNIPPET(rdpmc, "rdpmc");
SNIPPET(rdtsc, "rdtsc\n xor %eax, %eax\n xor %edx, %edx");
SNIPPET(rdtscp, "rdtscp\n xor %eax, %eax\n xor %edx, %edx");
SNIPPET(sgdt, "sub $16, %rsp\n sgdt (%rsp)\n movzwl (%rsp), %eax");
SNIPPET(sidt, "sub $16, %rsp\n sidt (%rsp)\n movzwl (%rsp), %eax");
SNIPPET(sldt, "sldt %rdx");
SNIPPET(str, "str %rdx");
SNIPPET(in_byte, "mov $0x3ff, %edx\n in %dx, %al\n xor %eax, %eax"); // COM1's scratch register
SNIPPET(out_byte, "mov $0x3ff, %edx\n out %al, %dx");
SNIPPET(in_word, "mov $0x3fe, %edx\n in %dx, %ax\n xor %eax, %eax");
SNIPPET(in_long, "mov $0x3fc, %edx\n in %dx, %eax\n xor %eax, %eax");
SNIPPET(in_beyond, "mov $0x400, %edx\n in %dx, %al\n xor %eax, %eax");
SNIPPET(in_immediate, "in $0x80, %al\n xor %eax, %eax");
SNIPPET(in_string, "mov $0x3ff, %edx\n insb");
SNIPPET(out_string, "mov $0x3ff, %edx\n outsb");
SNIPPET(set_flags, "push %rax\n popfq\n pushfq\n pop %rbx\n push $2\n popfq");
SNIPPET(monitor, "monitor");
SNIPPET(vmcall, "vmcall");
SNIPPET(xgetbv, "xgetbv");
SNIPPET(cpuid_leaf, "cpuid\n xor %eax, %eax\n xor %ebx, %ebx\n xor %ecx, %ecx\n xor %edx, %edx");
SNIPPET(sysret, "sysretq");

struct Instruction {
    const char* name;
    Snippet code;
};

/// For ring 3 alone: ring 0 would do something that a scenario cannot undo.
constexpr Instruction kRing3Only[] = {
    {"hlt", hlt}, {"lgdt", lgdt}, {"lidt", lidt}, {"lldt", lldt}, {"ltr", ltr}, {"invd", invd}, {"rdpmc", rdpmc},
};

constexpr Instruction kBothRings[] = {
    {"cli", cli},       {"sti", sti},       {"wbinvd", wbinvd},    {"rdtsc", rdtsc},
    {"rdtscp", rdtscp}, {"sgdt", sgdt},     {"sidt", sidt},        {"sldt", sldt},
    {"str", str},       {"in", in_byte},    {"out", out_byte},     {"in-immediate", in_immediate},
    {"vmcall", vmcall}, {"xgetbv", xgetbv}, {"cpuid", cpuid_leaf}, {"monitor", monitor},
};

void set_tsd(std::uint64_t)
{
    kernel::write_cr4(kernel::read_cr4() | arch::cr4::kTimeStampDisable);
}

/// Opens `ports` & 0xffff ports from `ports` >> 16 on.
void open_ports(std::uint64_t ports)
{
    world::open_ports(static_cast<unsigned>(ports >> 16), static_cast<unsigned>(ports & 0xffff));
}

constexpr std::uint64_t kScratch = arch::uart16550::kCom1 + arch::uart16550::kScratch;

struct Ports {
    const char* name;
    Snippet code;
    std::uint64_t first, count;
};

/// COM1's scratch register is the last port of the bitmap.
constexpr Ports kPorts[] = {
    {"in-port-open", in_byte, kScratch, 1},          {"in-port-closed", in_byte, kScratch - 1, 1},
    {"in-word-open", in_word, kScratch - 1, 2},      {"in-word-half-open", in_word, kScratch - 1, 1},
    {"in-long-half-open", in_long, kScratch - 3, 2}, {"in-beyond-bitmap", in_beyond, kScratch, 1},
    {"outs-port-open", out_string, kScratch, 1},
};

constexpr std::uint64_t kIopl3 = 0x3002;

struct Flags {
    const char* name;
    std::uint64_t from, to;
};

constexpr Flags kFlags[] = {
    {"if", 0x2, 0x202},
    {"if-with-iopl-3", kIopl3, 0x3202},
    {"iopl", 0x2, 0x3002},
    {"iopl-down", kIopl3, 0x2},
    {"nt", 0x2, 0x4002},
    {"ac", 0x2, 0x4'0002},
    {"id", 0x2, 0x20'0002},
    {"rf", 0x2, 0x1'0002},
    {"vm", 0x2, 0x2'0002},
    {"vif-vip", 0x2, 0x18'0002},
    {"reserved", 0x2, 0xffc0'802a},
};

} // namespace

void run_privileged()
{
    for (const Instruction& instruction : kRing3Only) {
        run({instruction.name, "-r3"}, {.code = instruction.code, .ring = Ring::User, .rcx = world::kUserData});
    }
    for (const Instruction& instruction : kBothRings) {
        run_in_both_rings(instruction.name, {.code = instruction.code, .arithmetic_flags_undefined = true});
    }
    run("cli-with-iopl-3-r3", {.code = cli, .ring = Ring::User, .rflags = kIopl3, .arithmetic_flags_undefined = true});
    run("sti-with-iopl-3-r3", {.code = sti, .ring = Ring::User, .rflags = kIopl3, .arithmetic_flags_undefined = true});
    run("in-with-iopl-3-r3",
        {.code = in_byte, .ring = Ring::User, .rflags = kIopl3, .arithmetic_flags_undefined = true});
    run("out-with-iopl-2-r3", {.code = out_byte, .ring = Ring::User, .rflags = 0x2002});
    run("ins-r3", {.code = in_string, .ring = Ring::User, .rdi = world::kUserData});
    run("outs-r3", {.code = out_string, .ring = Ring::User, .rsi = world::kUserData});
    for (const Ports& ports : kPorts) {
        run({ports.name, "-r3"}, {.code = ports.code,
                                  .ring = Ring::User,
                                  .rsi = world::kUserData,
                                  .setup = open_ports,
                                  .argument = ports.first << 16 | ports.count,
                                  .arithmetic_flags_undefined = true});
    }
    run_in_both_rings("rdtsc-with-tsd", {.code = rdtsc, .setup = set_tsd, .arithmetic_flags_undefined = true});
    run_in_both_rings("rdtscp-with-tsd", {.code = rdtscp, .setup = set_tsd, .arithmetic_flags_undefined = true});
    for (const Flags& flags : kFlags) {
        run_in_both_rings({"popf-", flags.name}, {.code = set_flags, .rax = flags.to, .rflags = flags.from});
    }
}

} // namespace conformance
