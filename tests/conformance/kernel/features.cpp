// SPDX-License-Identifier: MIT
// UMIP: the instructions that tell ring 3 about the kernel's tables.  A CPU without it runs them all.
// [SDM 3A "Control Registers"; SDM 2B SGDT, SIDT, SLDT, SMSW, STR]
#include "arch/control_registers.h"
#include "arch/cpuid.h"
#include "cpu/registers.h"
#include "families.h"
#include "scenario.h"
#include "world.h"

namespace conformance {
namespace {

SNIPPET(sgdt, "sgdt (%rcx)\n movzwl (%rcx), %eax");
SNIPPET(sidt, "sidt (%rcx)\n movzwl (%rcx), %eax");
SNIPPET(sldt, "sldt %edx");
SNIPPET(sldt_to_memory, "sldt (%rcx)");
SNIPPET(str, "str %edx");
SNIPPET(str_to_memory, "str (%rcx)");
SNIPPET(smsw, "smsw %edx");
SNIPPET(smsw_to_memory, "smsw (%rcx)");

struct Instruction {
    const char* name;
    Snippet code;
};

constexpr Instruction kInstructions[] = {
    {"sgdt", sgdt}, {"sidt", sidt},
    {"sldt", sldt}, {"sldt-to-memory", sldt_to_memory},
    {"str", str},   {"str-to-memory", str_to_memory},
    {"smsw", smsw}, {"smsw-to-memory", smsw_to_memory},
};

bool has_umip()
{
    std::uint32_t a = arch::cpuid::leaf::kStructuredFeatures, b = 0, c = 0, d = 0;
    asm volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
    return (c & arch::cpuid::kUmipEcx) != 0;
}

void enable_umip(std::uint64_t)
{
    if (has_umip()) {
        kernel::write_cr4(kernel::read_cr4() | arch::cr4::kUserModeInstructionPrevention);
    }
}

} // namespace

void run_features()
{
    for (const Instruction& instruction : kInstructions) {
        run_in_both_rings({"umip-", instruction.name},
                          {.code = instruction.code, .rcx = world::kUserData, .setup = enable_umip});
    }
    // Which of two faults comes first.
    run_in_both_rings("umip-sgdt-into-absent", {.code = sgdt, .rcx = world::kAbsent, .setup = enable_umip});
    run_in_both_rings("umip-sldt-into-non-canonical",
                      {.code = sldt_to_memory, .rcx = world::kNonCanonical, .setup = enable_umip});
}

} // namespace conformance
