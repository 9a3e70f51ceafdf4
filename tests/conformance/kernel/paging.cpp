// SPDX-License-Identifier: MIT
// Page faults of instructions other than a plain load or store: error code and CR2.  The rights themselves are
// enumerated in permissions.cpp.  [SDM 3A "Page-Fault Exceptions"; SDM 2 of each instruction]
#include "arch/control_registers.h"
#include "cpu/registers.h"
#include "families.h"
#include "scenario.h"
#include "world.h"

namespace conformance {
namespace {

SNIPPET(load, "mov (%rcx), %rax");
SNIPPET(increment, "incq (%rcx)");
SNIPPET(add, "add %rax, (%rcx)");
SNIPPET(compare, "cmp %rax, (%rcx)");
SNIPPET(exchange, "xchg %rax, (%rcx)");
SNIPPET(locked_compare_exchange, "lock cmpxchg %rdx, (%rcx)");
SNIPPET(bit_test_set, "btsq $1, (%rcx)");
SNIPPET(store_immediate, "movq $0, (%rcx)");
SNIPPET(pop_to_memory, "popq (%rcx)");
SNIPPET(push_from_memory, "pushq (%rcx)");
SNIPPET(call_code, "call *%rcx");
SNIPPET(copy, "mov %rcx, %rsi\n mov $3, %ecx\n rep movsb");
SNIPPET(fill, "mov %rcx, %rdi\n mov $3, %ecx\n rep stosb");
SNIPPET(stac, "stac\n pushfq\n pop %rbx");
SNIPPET(clac, "clac\n pushfq\n pop %rbx");
SNIPPET(stac_and_load, "stac\n mov (%rcx), %rax\n clac\n mov (%rcx), %rbx");
SNIPPET(invlpg, "invlpg (%rcx)");
SNIPPET(prefetch, "prefetcht0 (%rcx)");

void enable_smap(std::uint64_t)
{
    kernel::write_cr4(kernel::read_cr4() | arch::cr4::kSmap);
}

struct Access {
    const char* name;
    Snippet code;
};

constexpr Access kAccesses[] = {
    {"inc", increment},        {"add", add},
    {"cmp", compare},          {"xchg", exchange},
    {"bts", bit_test_set},     {"lock-cmpxchg", locked_compare_exchange},
    {"pop-to", pop_to_memory}, {"store-immediate", store_immediate},
    {"call", call_code},       {"push-from", push_from_memory},
    {"prefetch", prefetch},    {"invlpg", invlpg},
};

struct Target {
    const char* name;
    std::uint64_t address;
};

constexpr Target kTargets[] = {
    {"absent", world::kAbsent + 0x10},
    {"user-read-only", world::kUserReadOnly + 0x10},
    {"kernel-page", world::kKernelPage + 0x10},
    {"non-canonical", world::kNonCanonical + 0x10},
};

} // namespace

void run_paging()
{
    for (const Access& access : kAccesses) {
        for (const Target& target : kTargets) {
            run_in_both_rings({access.name, '-', target.name},
                              {.code = access.code, .rcx = target.address, .arithmetic_flags_undefined = true});
        }
    }
    run_in_both_rings("rep-movsb-from-absent", {.code = copy, .rcx = world::kAbsent, .rdi = world::kUserData});
    run_in_both_rings("rep-movsb-into-absent", {.code = copy, .rcx = world::kUserData, .rdi = world::kAbsent - 1});
    run_in_both_rings("rep-stosb-across-into-absent", {.code = fill, .rcx = world::kUserData + arch::kPageSize - 2});
    run_in_both_rings("load-across-into-absent", {.code = load, .rcx = world::kUserData + arch::kPageSize - 3});
    run_in_both_rings("load-across-from-absent", {.code = load, .rcx = world::kUserStack - 3});
    run_in_both_rings("load-across-into-non-canonical", {.code = load, .rcx = world::kNonCanonical - 4});
    run_in_both_rings("load-reserved-bit", {.code = load, .rcx = world::kReservedBit});
    run_in_both_rings("stac", {.code = stac});
    run_in_both_rings("clac", {.code = clac, .rflags = 0x4'0002});
    run("stac-and-clac-with-smap-r0", {.code = stac_and_load, .rcx = world::kUserData, .setup = enable_smap});
    run("push-user-stack-with-smap-r0",
        {.code = push_from_memory, .rcx = world::kKernelPage, .rsp = world::user_stack(), .setup = enable_smap});
}

} // namespace conformance
