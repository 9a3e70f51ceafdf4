// SPDX-License-Identifier: MIT
// Which stack an event is pushed on, and what happens when that stack is bad.
// [SDM 3A "Stack Switching in IA-32e Mode", "Interrupt Stack Table", "Interrupt 8—Double Fault Exception (#DF)"]
#include "arch/control_registers.h"
#include "cpu/registers.h"
#include "families.h"
#include "scenario.h"
#include "trap.h"
#include "world.h"

#include <initializer_list>

namespace conformance {
namespace {

using arch::IdtGate;
using arch::Ring;

SNIPPET(interrupt, "int $0x50");
SNIPPET(undefined, "ud2");
SNIPPET(load, "mov (%rcx), %rax");

constexpr unsigned kVector = 0x50, kUndefined = 6;

void use_ist(unsigned index)
{
    for (const unsigned vector : {kVector, kUndefined}) {
        world::idt[vector] = IdtGate::interrupt(trap_stubs[vector], world::selector::kKernelCode, index, Ring::User);
    }
}

/// INT 0x50 and #UD go through IST3, which holds `stack`.
void set_ist3(std::uint64_t stack)
{
    use_ist(3);
    world::tss.ist[2] = stack;
}

void set_rsp0(std::uint64_t stack)
{
    use_ist(0);
    world::tss.rsp[0] = stack;
}

void enable_smap(std::uint64_t stack)
{
    set_rsp0(stack);
    kernel::write_cr4(kernel::read_cr4() | arch::cr4::kSmap);
}

/// A TSS that ends before its byte `limit` + 1.
void shorten_tss(std::uint64_t limit)
{
    world::set_tss_limit(static_cast<std::uint32_t>(limit));
    use_ist(3);
}

void shorten_tss_without_ist(std::uint64_t limit)
{
    world::set_tss_limit(static_cast<std::uint32_t>(limit));
    use_ist(0);
}

struct Stack {
    const char* name;
    std::uint64_t (*top)();
};

constexpr Stack kStacks[] = {
    {"misaligned", [] { return world::ist(3) - 5; }},
    {"zero", [] { return std::uint64_t{0}; }},
    {"absent", [] { return world::kAbsent + 0x800; }},
    {"read-only", [] { return world::kKernelReadOnly + 0x800; }},
    {"user-page", [] { return world::user_stack(); }},
    {"user-read-only", [] { return world::kUserReadOnly + 0x800; }},
    {"non-canonical", [] { return world::kNonCanonical + 0x1000; }},
    {"at-the-boundary", [] { return world::kNonCanonical; }},
    {"across-pages", [] { return world::kKernelPage + 0x10; }},
};

void run_with(const Name& name, std::uint64_t stack, void (*setup)(std::uint64_t), Ring ring)
{
    run({"int-", name.text()}, {.code = interrupt, .ring = ring, .setup = setup, .argument = stack});
    run({"ud2-", name.text()}, {.code = undefined, .ring = ring, .setup = setup, .argument = stack});
}

} // namespace

void run_stacks()
{
    run_with("ist3-r0", world::ist(3), set_ist3, Ring::Kernel);
    run_with("ist3-r3", world::ist(3), set_ist3, Ring::User);
    for (const Stack& stack : kStacks) {
        run_with({"ist3-", stack.name, "-r0"}, stack.top(), set_ist3, Ring::Kernel);
        run_with({"ist3-", stack.name, "-r3"}, stack.top(), set_ist3, Ring::User);
        run_with({"rsp0-", stack.name, "-r3"}, stack.top(), set_rsp0, Ring::User);
    }
    run_with("rsp0-user-page-with-smap-r3", world::user_stack(), enable_smap, Ring::User);
    run("page-fault-rsp0-absent-r3", {.code = load,
                                      .ring = Ring::User,
                                      .rcx = world::kAbsent,
                                      .setup = set_rsp0,
                                      .argument = world::kAbsent + 0x900});
    run("general-protection-rsp0-absent-r3", {.code = load,
                                              .ring = Ring::User,
                                              .rcx = world::kNonCanonical,
                                              .setup = set_rsp0,
                                              .argument = world::kAbsent + 0x900});
    // The double fault goes through IST1, which these limits still hold: it begins at byte 36.
    constexpr std::uint64_t kUpToIst1 = 43;
    run_with("ist3-beyond-tss-r0", kUpToIst1, shorten_tss, Ring::Kernel);
    run_with("ist3-beyond-tss-r3", kUpToIst1, shorten_tss, Ring::User);
    run_with("rsp0-short-tss-r3", kUpToIst1, shorten_tss_without_ist, Ring::User);
}

} // namespace conformance
