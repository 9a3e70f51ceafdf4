// SPDX-License-Identifier: MIT
// Control registers, debug registers and MSRs: what may be written, and what is read back.
// [SDM 3A "Control Registers"; SDM 2B MOV—Move to/from Control Registers; SDM 2D WRMSR; SDM 4 "Architectural MSRs"]
#include "cpu/registers.h"

#include "arch/control_registers.h"
#include "arch/debug_registers.h"
#include "arch/msr.h"
#include "families.h"
#include "scenario.h"
#include "world.h"

namespace conformance {
namespace {

namespace cr0 = arch::cr0;
namespace cr4 = arch::cr4;
using arch::bit;
using arch::Msr;

SNIPPET(write_cr0, "mov %cr0, %rbx\n xor %rax, %rbx\n mov %rbx, %cr0\n mov %cr0, %rdx");
SNIPPET(write_cr3, "mov %cr3, %rbx\n xor %rax, %rbx\n mov %rbx, %cr3\n mov %cr3, %rdx\n xor %edi, %edi");
SNIPPET(write_cr4, "mov %cr4, %rbx\n xor %rax, %rbx\n mov %rbx, %cr4\n mov %cr4, %rdx");
SNIPPET(write_cr8, "mov %rax, %cr8\n mov %cr8, %rdx\n xor %ebx, %ebx\n mov %rbx, %cr8");
SNIPPET(write_cr1, ".byte 0x0f, 0x22, 0xc8");
SNIPPET(read_cr5, ".byte 0x0f, 0x20, 0xe8");
SNIPPET(write_cr2, "mov %rax, %cr2\n mov %cr2, %rdx");
SNIPPET(lmsw, "lmsw %ax\n mov %cr0, %rdx");
SNIPPET(smsw, "smsw %rdx");
SNIPPET(clts, "clts\n mov %cr0, %rdx");
SNIPPET(write_msr, "wrmsr\n rdmsr");
SNIPPET(read_msr, "rdmsr");
SNIPPET(swapgs_twice, "swapgs\n mov $0xc0000101, %ecx\n rdmsr\n mov %rax, %rbx\n swapgs");
SNIPPET(write_dr4, ".byte 0x0f, 0x23, 0xe0");
SNIPPET(read_dr5, ".byte 0x0f, 0x21, 0xe8");
SNIPPET(write_dr6, "mov %rax, %dr6\n mov %dr6, %rdx");
SNIPPET(write_dr7, "mov %rax, %dr7\n mov %dr7, %rdx");
SNIPPET(write_dr0, "mov %rax, %dr0\n mov %dr0, %rdx");
SNIPPET(general_detect, "mov %rax, %dr7\n mov %dr0, %rdx");
SNIPPET(rdfsbase, "rdfsbase %rdx");
SNIPPET(wrfsbase, "wrfsbase %rax");
SNIPPET(wrgsbase, "wrgsbase %rax");

struct Write {
    const char* name;
    std::uint64_t value;
};

/// Bits to change.
constexpr Write kCr0[] = {
    {"nothing", 0},
    {"wp-off", cr0::kWriteProtect},
    {"am", cr0::kAlignmentMask},
    {"cd", cr0::kCacheDisable},
    {"cd-nw", cr0::kCacheDisable | cr0::kNotWriteThrough},
    {"nw-alone", cr0::kNotWriteThrough},
    {"pg-off", cr0::kPaging},
    {"pe-off", cr0::kProtectionEnable},
    {"et-off", cr0::kExtensionType},
    {"bit-63", bit<63>},
    {"bit-32", bit<32>},
    {"reserved-bit-6", bit<6>},
    {"reserved-bit-28", bit<28>},
};
constexpr Write kCr3[] = {
    {"nothing", 0}, {"pwt-pcd", 0x18}, {"bit-0", 1}, {"bit-11", bit<11>}, {"bit-40", bit<40>}, {"bit-51", bit<51>},
};
constexpr Write kCr4[] = {
    {"nothing", 0},
    {"pae-off", cr4::kPhysicalAddressExtension},
    {"tsd", cr4::kTimeStampDisable},
    {"pge", cr4::kPageGlobalEnable},
    {"smep", cr4::kSmep},
    {"smap", cr4::kSmap},
    {"reserved-bit-15", bit<15>},
    {"reserved-bit-31", bit<31>},
    {"bit-63", bit<63>},
};
constexpr Write kCr8[] = {{"zero", 0}, {"fifteen", 15}, {"sixteen", 16}, {"bit-63", bit<63>}};

struct MsrWrite {
    const char* name;
    std::uint32_t index;
    std::uint64_t value;
};

constexpr std::uint32_t number(Msr msr)
{
    return static_cast<std::uint32_t>(msr);
}

constexpr std::uint64_t kBad = world::kNonCanonical, kHigh = 0xffff'8000'0000'1234;
constexpr std::uint64_t kEfer = arch::efer::kSyscallEnable | arch::efer::kLongModeEnable | arch::efer::kLongModeActive |
                                arch::efer::kNoExecuteEnable;

constexpr MsrWrite kMsrs[] = {
    {"star", number(Msr::IA32_STAR), 0x0123'4567'89ab'cdef},
    {"lstar", number(Msr::IA32_LSTAR), kHigh},
    {"lstar-non-canonical", number(Msr::IA32_LSTAR), kBad},
    {"cstar", number(Msr::IA32_CSTAR), kHigh},
    {"cstar-non-canonical", number(Msr::IA32_CSTAR), kBad},
    {"fmask", number(Msr::IA32_FMASK), 0xffff'ffff},
    {"fmask-upper-half", number(Msr::IA32_FMASK), bit<32>},
    {"fs-base", number(Msr::IA32_FS_BASE), kHigh},
    {"fs-base-non-canonical", number(Msr::IA32_FS_BASE), kBad},
    {"gs-base", number(Msr::IA32_GS_BASE), kHigh},
    {"gs-base-non-canonical", number(Msr::IA32_GS_BASE), kBad},
    {"kernel-gs-base", number(Msr::IA32_KERNEL_GS_BASE), kHigh},
    {"kernel-gs-base-non-canonical", number(Msr::IA32_KERNEL_GS_BASE), kBad},
    {"efer-same", number(Msr::IA32_EFER), kEfer},
    {"efer-without-sce", number(Msr::IA32_EFER), kEfer & ~arch::efer::kSyscallEnable},
    {"efer-without-lma", number(Msr::IA32_EFER), kEfer & ~arch::efer::kLongModeActive},
    {"efer-without-lme", number(Msr::IA32_EFER), kEfer & ~arch::efer::kLongModeEnable},
    {"efer-reserved-bit-1", number(Msr::IA32_EFER), kEfer | bit<1>},
    {"efer-reserved-bit-9", number(Msr::IA32_EFER), kEfer | bit<9>},
    {"efer-bit-63", number(Msr::IA32_EFER), kEfer | bit<63>},
    {"unknown", 0xdead, 0},
    {"unknown-extended", 0xc000'1234, 0},
};

void put_gs_bases(std::uint64_t)
{
    kernel::write_msr(Msr::IA32_GS_BASE, 0x1111'2222);
    kernel::write_msr(Msr::IA32_KERNEL_GS_BASE, 0x3333'4444);
}

void disable_debugging_extensions(std::uint64_t)
{
    kernel::write_cr4(kernel::read_cr4() & ~cr4::kDebuggingExtensions);
}

void disable_fsgsbase(std::uint64_t)
{
    kernel::write_cr4(kernel::read_cr4() & ~cr4::kFsGsBase);
}

template <std::size_t N> void run_writes(const char* name, const Snippet& code, const Write (&writes)[N])
{
    for (const Write& write : writes) {
        run({name, write.name, "-r0"}, {.code = code, .rax = write.value, .arithmetic_flags_undefined = true});
    }
    run({name, writes[0].name, "-r3"},
        {.code = code, .ring = arch::Ring::User, .rax = writes[0].value, .arithmetic_flags_undefined = true});
}

void run_debug_registers()
{
    run_in_both_rings("write-dr4-with-de", {.code = write_dr4});
    run_in_both_rings("read-dr5-with-de", {.code = read_dr5});
    run_in_both_rings("read-dr5-without-de", {.code = read_dr5, .setup = disable_debugging_extensions});
    run_in_both_rings("write-dr0", {.code = write_dr0, .rax = kBad});
    run_in_both_rings("write-dr6", {.code = write_dr6, .rax = 0xffff'ffff});
    run("write-dr6-upper-half-r0", {.code = write_dr6, .rax = bit<32>});
    run("write-dr7-r0", {.code = write_dr7, .rax = 0});
    run("write-dr7-upper-half-r0", {.code = write_dr7, .rax = bit<32>});
    run("write-dr7-reserved-r0", {.code = write_dr7, .rax = 0xd000});
    run("general-detect-r0", {.code = general_detect, .rax = arch::dr7::kGeneralDetect});
}

} // namespace

void run_registers()
{
    run_writes("cr0-", write_cr0, kCr0);
    run_writes("cr3-", write_cr3, kCr3);
    run_writes("cr4-", write_cr4, kCr4);
    run_writes("cr8-", write_cr8, kCr8);
    run_in_both_rings("write-cr1", {.code = write_cr1});
    run_in_both_rings("read-cr5", {.code = read_cr5});
    run_in_both_rings("write-cr2", {.code = write_cr2, .rax = kBad});
    run_in_both_rings("lmsw-ts", {.code = lmsw, .rax = 0xb});
    run_in_both_rings("lmsw-cannot-clear-pe", {.code = lmsw, .rax = 0});
    run_in_both_rings("smsw", {.code = smsw});
    run_in_both_rings("clts", {.code = clts});
    for (const MsrWrite& write : kMsrs) {
        run({"wrmsr-", write.name, "-r0"},
            {.code = write_msr, .rax = write.value & 0xffff'ffff, .rcx = write.index, .rdx = write.value >> 32});
    }
    run("wrmsr-r3", {.code = write_msr, .ring = arch::Ring::User, .rcx = number(Msr::IA32_STAR)});
    run_in_both_rings("rdmsr-efer", {.code = read_msr, .rcx = number(Msr::IA32_EFER)});
    run_in_both_rings("rdmsr-index-upper-half", {.code = read_msr, .rcx = bit<32> | number(Msr::IA32_EFER)});
    run("rdmsr-unknown-r0", {.code = read_msr, .rcx = 0xdead});
    run_in_both_rings("swapgs", {.code = swapgs_twice, .setup = put_gs_bases});
    run_in_both_rings("rdfsbase", {.code = rdfsbase});
    run_in_both_rings("wrfsbase", {.code = wrfsbase, .rax = kHigh});
    run_in_both_rings("wrfsbase-non-canonical", {.code = wrfsbase, .rax = kBad});
    run_in_both_rings("wrgsbase", {.code = wrgsbase, .rax = kHigh});
    run_in_both_rings("wrgsbase-non-canonical", {.code = wrgsbase, .rax = kBad});
    run_in_both_rings("wrfsbase-not-enabled", {.code = wrfsbase, .rax = kHigh, .setup = disable_fsgsbase});
    run_in_both_rings("rdfsbase-not-enabled", {.code = rdfsbase, .setup = disable_fsgsbase});
    run_debug_registers();
}

} // namespace conformance
