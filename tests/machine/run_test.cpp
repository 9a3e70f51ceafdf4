// SPDX-License-Identifier: MIT
// How a run stops, what is told on the way, and that the same run is the same again.
#include "support/cpu_state_matchers.h"
#include "support/machine_guest.h"

#include <gtest/gtest.h>

namespace {

using namespace ringcheck;
using model::Gpr;
using support::MachineGuest;

GUEST_CODE(count_down, R"(
    mov   $1000, %ecx
1:  dec   %ecx
    jnz   1b
    hlt
)");

TEST(MachineRun, StopsAtAnExactInstructionCountAndGoesOn)
{
    MachineGuest guest;
    guest.place(MachineGuest::kKernelText, count_down);
    const RunEnd first = guest.run(guest.ring_0(), 700);
    EXPECT_EQ(first.kind, EndKind::InstructionLimit);
    EXPECT_EQ(guest.machine->instruction_count(), 700u);
    EXPECT_EQ(guest.machine->state()[Gpr::Rcx], 1000u - 350);

    const RunEnd second = guest.machine->run({.instructions = 701});
    EXPECT_EQ(second.kind, EndKind::InstructionLimit);
    EXPECT_EQ(guest.machine->state().rip, MachineGuest::kKernelText + 5);

    EXPECT_EQ(guest.machine->run().kind, EndKind::Halted);
    EXPECT_EQ(guest.machine->instruction_count(), 1u + 2000 + 1);
}

// A sum of 0 and a carry right before each SYSCALL, which puts the flags in R11.
GUEST_CODE(call_with_flags, R"(
    mov   $500, %ebp
1:  mov   $0xffffffff, %eax
    add   $1, %eax
    syscall
    dec   %ebp
    jnz   1b
    mov   0x3c000, %eax
)");
GUEST_CODE(collect_flags, R"(
    and   %r11, %r14
    or    %r11, %r15
    sysretq
)");

TEST(MachineRun, StopsWithTheFlagsOfTheInstructionBefore)
{
    using namespace arch::rflags;
    constexpr std::uint64_t kArithmetic = kCarry | kParity | kAdjust | kZero | kSign | kOverflow;
    constexpr std::uint64_t kOfTheSum = kCarry | kParity | kAdjust | kZero;
    for (const ExecutionMode mode : {ExecutionMode::Fast, ExecutionMode::Step}) {
        MachineGuest guest({.ram_bytes = 8u << 20, .mode = mode});
        guest.place(MachineGuest::kUserText, call_with_flags);
        guest.place(MachineGuest::kSyscallText, collect_flags);
        model::CpuState state = guest.ring_3();
        state[Gpr::R14] = ~std::uint64_t{0};
        EXPECT_EQ(guest.run(state).kind, EndKind::Halted);
        EXPECT_EQ(guest.machine->state()[Gpr::R14] & kArithmetic, kOfTheSum);
        EXPECT_EQ(guest.machine->state()[Gpr::R15] & kArithmetic, kOfTheSum);
    }
}

TEST(MachineRun, StopsBeforeAnAddressEachTimeItComesBy)
{
    MachineGuest guest;
    guest.place(MachineGuest::kKernelText, count_down);
    guest.load(guest.ring_0());
    guest.machine->stop_at(arch::VirtAddr{MachineGuest::kKernelText + 7});
    for (std::uint64_t count : {2u, 4u, 6u}) {
        const RunEnd end = guest.machine->run();
        ASSERT_EQ(end.kind, EndKind::WatchedAddress);
        EXPECT_EQ(guest.machine->instruction_count(), count);
        EXPECT_EQ(guest.machine->state().rip, MachineGuest::kKernelText + 7);
    }
    guest.machine->clear_stops();
    EXPECT_EQ(guest.machine->run().kind, EndKind::Halted);
}

GUEST_CODE(port_and_halt, R"(
    out   %al, $0xe9
    hlt
)");

TEST(MachineRun, TellsOfAWatchedAddressAlsoWhenTheModelExecutesIt)
{
    MachineGuest guest;
    guest.place(MachineGuest::kKernelText, port_and_halt);
    guest.machine->watch_address(arch::VirtAddr{MachineGuest::kKernelText});
    guest.machine->watch_address(arch::VirtAddr{MachineGuest::kKernelText + 2});
    guest.run(guest.ring_0());
    using Visits = std::vector<std::pair<std::uint64_t, std::uint64_t>>;
    EXPECT_EQ(guest.log.addresses, (Visits{{0, MachineGuest::kKernelText}, {1, MachineGuest::kKernelText + 2}}));
}

GUEST_CODE(unknown_port, R"(
    mov   $0x123, %edx
    in    %dx, %eax
    hlt
)");

TEST(MachineRun, AnUnknownPortIsToldAndReadsAsAllOnes)
{
    MachineGuest guest;
    guest.place(MachineGuest::kKernelText, unknown_port);
    guest.run(guest.ring_0());
    EXPECT_EQ(guest.machine->state()[Gpr::Rax], 0xffff'ffffu);
    EXPECT_EQ(guest.log.unmodelled, std::vector<std::string>{"port 0x123 read, 32 bits"});
}

GUEST_CODE(touch_beyond_ram, R"(
    nop
    mov   0x3c000, %eax
    hlt
)");

TEST(MachineRun, PhysicalMemoryThatIsNotThereEndsTheRunByName)
{
    MachineGuest guest;
    guest.place(MachineGuest::kKernelText, touch_beyond_ram);
    guest.guest.set_page_entry(MachineGuest::kUnmapped, 0xfed0'0000 | 0x63);
    const RunEnd end = guest.run(guest.ring_0());
    EXPECT_EQ(end.kind, EndKind::Unmodelled);
    EXPECT_NE(end.text.find("read of physical address 0xfed00000"), std::string::npos) << end.text;
    EXPECT_NE(end.text.find("at 0x30001"), std::string::npos) << end.text;
    ASSERT_EQ(guest.log.unmodelled.size(), 1u);
}

GUEST_CODE(debug_exit, R"(
    mov   $0x2a, %al
    out   %al, $0xf4
)");
GUEST_CODE(power_off, R"(
    mov   $0x10, %al
    out   %al, $0xf4
)");
GUEST_CODE(acpi_off, R"(
    mov   $0x604, %edx
    mov   $0x2000, %eax
    out   %ax, %dx
)");
GUEST_CODE(keyboard_reset, R"(
    mov   $0xfe, %al
    out   %al, $0x64
)");
GUEST_CODE(halt_for_good, "hlt");

TEST(MachineRun, EndsAsTheGuestAsks)
{
    struct Case {
        const char* name;
        const support::GuestCode& code;
        EndKind kind;
        std::uint64_t value;
    };
    const Case cases[] = {
        {"debug exit", debug_exit, EndKind::DebugExit, 0x2a},
        {"power off", power_off, EndKind::PowerOff, 0x10},
        {"ACPI", acpi_off, EndKind::PowerOff, 0},
        {"reset", keyboard_reset, EndKind::Reset, 0},
        {"halt", halt_for_good, EndKind::Halted, 0},
    };
    for (const Case& test : cases) {
        SCOPED_TRACE(test.name);
        MachineGuest guest;
        guest.place(MachineGuest::kKernelText, test.code);
        const RunEnd end = guest.run(guest.ring_0());
        EXPECT_EQ(end.kind, test.kind) << end.text;
        EXPECT_EQ(end.value, test.value);
        EXPECT_FALSE(end.text.empty());
    }
}

GUEST_CODE(jump_to_null, R"(
    xor   %eax, %eax
    jmp   *%rax
)");
GUEST_CODE(count_in_page_0, R"(
    inc   %ebx
    mov   $0x30000, %eax
    cmp   $200, %ebx
    jb    1f
    hlt
1:  jmp   *%rax
)");

TEST(MachineRun, LinearAddressZeroIsAnAddressLikeAnyOther)
{
    for (const ExecutionMode mode : {ExecutionMode::Fast, ExecutionMode::Step}) {
        MachineGuest guest({.ram_bytes = 8u << 20, .mode = mode});
        guest.place(MachineGuest::kKernelText, jump_to_null);
        guest.place(0, count_in_page_0);
        model::CpuState state = guest.ring_0();
        state[Gpr::Rbx] = 0;
        EXPECT_EQ(guest.run(state).kind, EndKind::Halted);
        EXPECT_EQ(guest.machine->state()[Gpr::Rbx], 200u);
        EXPECT_EQ(guest.machine->instruction_count(), 199u * 7 + 2 + 5);
    }
}

TEST(MachineRun, AJumpToNullFaultsAtNullWhenNothingIsMappedThere)
{
    for (const ExecutionMode mode : {ExecutionMode::Fast, ExecutionMode::Step}) {
        MachineGuest guest({.ram_bytes = 8u << 20, .mode = mode});
        guest.place(MachineGuest::kKernelText, jump_to_null);
        guest.guest.unmap(0);
        guest.run(guest.ring_0());
        ASSERT_EQ(guest.log.transitions.size(), 1u);
        const Transition& fault = guest.log.transitions.front();
        EXPECT_EQ(fault.vector, static_cast<std::uint8_t>(arch::Vector::PageFault));
        EXPECT_EQ(fault.error_code, arch::page_fault::kFetch);
        EXPECT_EQ(fault.count, 2u);
        EXPECT_EQ(fault.before.rip, 0u);
        EXPECT_EQ(fault.after.cr2, 0u);
    }
}

GUEST_CODE(patch_own_next_instruction, R"(
    lea   1f(%rip), %rdi
    movb  $0xb8, (%rdi)        # mov $imm32, %eax
    movl  $0x1234, 1(%rdi)
1:  cpuid                      # 2 + 3 bytes, replaced
    nop
    nop
    nop
    hlt
)");

TEST(MachineRun, CodeThatTheGuestHasJustWrittenIsWhatRuns)
{
    MachineGuest guest;
    guest.place(MachineGuest::kKernelText, patch_own_next_instruction);
    guest.run(guest.ring_0());
    EXPECT_EQ(guest.machine->state()[Gpr::Rax], 0x1234u);
    EXPECT_EQ(guest.machine->instruction_count(), 5u);
}

GUEST_CODE(load_two_programs, R"(
    mov   $0x3b000, %edi       # an alias of the user page, like a kernel's physical map
    movb  $0xb8, (%rdi)        # mov $1, %eax; syscall
    movl  $1, 1(%rdi)
    movw  $0x050f, 5(%rdi)
    mov   $0x20000, %ecx
    mov   $2, %r11d
    sysretq
)");
GUEST_CODE(replace_program, R"(
    cmp   $2, %eax
    je    1f
    mov   $0x3b000, %edi
    movl  $2, 1(%rdi)
    mov   $0x20000, %ecx
    sysretq
1:  hlt
)");

TEST(MachineRun, AProgramWrittenThroughAnAliasReplacesTheOneThatRan)
{
    MachineGuest guest;
    guest.place(MachineGuest::kKernelText, load_two_programs);
    guest.place(MachineGuest::kSyscallText, replace_program);
    guest.guest.set_page_entry(0x3b000, MachineGuest::kUserText | 0x8000'0000'0000'0063);
    const RunEnd end = guest.run(guest.ring_0(), 1000);
    EXPECT_EQ(end.kind, EndKind::Halted) << end.text;
    EXPECT_EQ(guest.machine->state()[Gpr::Rax], 2u);
}

GUEST_CODE(busy_kernel, R"(
    mov   $50, %ebx
1:  swapgs
    rdtsc
    add   %rax, %r12
    rdrand %rdx
    swapgs
    mov   %rbx, %rcx
    mov   $0x20000, %ecx
    mov   $2, %r11d
    sysretq
)");
GUEST_CODE(count_and_go_on, R"(
    dec   %ebx
    jz    1f
    mov   $0x30005, %eax
    jmp   *%rax
1:  hlt
)");
GUEST_CODE(just_syscall, "syscall");

TEST(MachineRun, CodeChangedFromOutsideRunsOnceTheOldIsForgotten)
{
    MachineGuest guest;
    guest.place(MachineGuest::kKernelText, count_down);
    guest.run(guest.ring_0());
    EXPECT_EQ(guest.machine->instruction_count(), 2002u);
    guest.machine->memory().write_u64(arch::PhysAddr{MachineGuest::kKernelText}, 0xf4); // hlt
    guest.machine->forget_code(arch::PhysAddr{MachineGuest::kKernelText}, sizeof(std::uint64_t));
    guest.machine->set_state(guest.ring_0());
    guest.machine->run();
    EXPECT_EQ(guest.machine->instruction_count(), 2003u);
}

TEST(MachineRun, TwoRunsGiveTheSameTransitions)
{
    std::vector<Transition> first;
    for (int run = 0; run < 2; ++run) {
        MachineGuest guest;
        guest.place(MachineGuest::kKernelText, busy_kernel);
        guest.place(MachineGuest::kSyscallText, count_and_go_on);
        guest.place(MachineGuest::kUserText, just_syscall);
        guest.run(guest.ring_0());
        ASSERT_EQ(guest.log.transitions.size(), 50u * 4);
        if (run == 0) {
            first = guest.log.transitions;
            continue;
        }
        for (std::size_t i = 0; i < first.size(); ++i) {
            const Transition& again = guest.log.transitions[i];
            EXPECT_EQ(again.kind, first[i].kind);
            EXPECT_EQ(again.count, first[i].count);
            EXPECT_TRUE(same_state(again.before, first[i].before));
            EXPECT_TRUE(same_state(again.after, first[i].after));
        }
    }
}

TEST(MachineRun, StateIsWhatWasSet)
{
    MachineGuest guest;
    model::CpuState state = guest.ring_3();
    state.rflags |= arch::rflags::kOverflow | arch::rflags::kDirection | arch::rflags::kAdjust;
    state.dr0 = 0x1234;
    state.cr8 = 5;
    state.tsc_aux = 7;
    guest.load(state);
    EXPECT_TRUE(same_state(guest.machine->state(), state));
}

TEST(MachineRun, RefusesARamSizeThatItCannotHave)
{
    for (const std::uint64_t bytes : {std::uint64_t{0}, std::uint64_t{7} << 20, std::uint64_t{9} << 20,
                                      (std::uint64_t{8} << 20) + 4096, std::uint64_t{2} << 30}) {
        const auto machine = Machine::create({.ram_bytes = bytes});
        ASSERT_FALSE(machine.has_value()) << bytes;
        EXPECT_NE(machine.error().find("RAM"), std::string::npos);
    }
}

} // namespace
