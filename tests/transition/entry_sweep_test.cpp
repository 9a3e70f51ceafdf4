// SPDX-License-Identifier: MIT
// Property: whatever comes between whichever two instructions of a way into the kernel and out of it, ring 3 goes on
// as if nothing had come.  Each way is run once undisturbed; then once more for each of its instruction boundaries and
// each kind of event: NMI, timer interrupt, #DB, and #MC, which ends in an orderly panic.
// [SDM 3A "Nonmaskable Interrupt (NMI)", "Handling Multiple NMIs"; SDM 3B "Debug Exceptions"]
#include "arch/debug_registers.h"
#include "arch/rflags.h"
#include "arch/tss.h"
#include "layout/address_map.h"
#include "layout/panic_record.h"
#include "layout/per_cpu.h"
#include "support/cpu_state_matchers.h"
#include "transition/user_code.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

namespace support {
namespace {

using model::Gpr;
using ringcheck::EndKind;
using ringcheck::Injection;
using ringcheck::TransitionKind;
using Kind = Injection::Kind;

constexpr std::uint8_t kTimerVector = 32, kMachineCheckVector = 18;
/// More than any way below is long.
constexpr std::uint64_t kLongestWay = 20'000;

/// A way into the kernel and out of it: where it begins, and the address in ring 3 at which it is over.
struct Way {
    std::unique_ptr<BootedKernel> kernel;
    std::uint64_t end;
};

constexpr std::uint64_t kAfterSyscall = 2;

/// syscall; jmp to itself
std::unique_ptr<UserCode> at_syscall()
{
    return std::make_unique<UserCode>(std::vector<std::uint8_t>{0x0f, 0x05, 0xeb, 0xfe});
}

Way syscall_and_sysret()
{
    auto program = at_syscall(); // RAX holds a number that no call has
    const std::uint64_t end = program->state().rip + kAfterSyscall;
    return {std::move(program), end};
}

Way syscall_and_iret()
{
    auto program = at_syscall();
    const std::uint64_t end = program->state().rip + kAfterSyscall;
    const std::uint64_t per_cpu = program->symbol("per_cpu").value;
    const std::uint64_t thread = program->word_at(arch::VirtAddr{per_cpu + offsetof(layout::PerCpu, current_thread)});
    program->set_word(arch::VirtAddr{thread + layout::kReturnWorkInThread}, 1);
    return {std::move(program), end};
}

/// write(1, an address that is not mapped, 1): a page fault in ring 0, with SMAP's gate open.
Way fault_in_a_user_copy()
{
    auto program = at_syscall();
    model::CpuState state = program->state();
    state[Gpr::Rax] = 1;
    state[Gpr::Rdi] = 1;
    state[Gpr::Rdx] = 1;
    program->set(state);
    return {std::move(program), state.rip + kAfterSyscall};
}

/// mov %rax, -0x3000(%rsp): the stack grows, and the access is repeated.
Way page_fault_that_memory_handles()
{
    auto program = std::make_unique<UserCode>(
        std::vector<std::uint8_t>{0x48, 0x89, 0x84, 0x24, 0x00, 0xd0, 0xff, 0xff, 0xeb, 0xfe});
    const std::uint64_t end = program->state().rip + 8;
    return {std::move(program), end};
}

Way timer_interrupt()
{
    auto program = std::make_unique<UserCode>(std::vector<std::uint8_t>{0x90, 0xeb, 0xfe}); // nop; jmp to itself
    const std::uint64_t end = program->state().rip + 1;
    program->machine->inject_at(program->machine->instruction_count(), {Kind::Interrupt, kTimerVector});
    return {std::move(program), end};
}

Way first_entry()
{
    auto kernel = std::make_unique<BootedKernel>(std::vector<std::string>{"run hello", "poweroff"});
    kernel->run_to("enter_user");
    const std::uint64_t end =
        kernel->word_at(arch::VirtAddr{kernel->machine->state()[Gpr::Rsp] + offsetof(layout::TrapFrame, rip)});
    return {std::move(kernel), end};
}

struct Case {
    const char* name;
    std::function<Way()> make;
};

/// How GoogleTest names the case when it fails.
void PrintTo(const Case& param, std::ostream* out)
{
    *out << param.name;
}

class EntrySweep : public testing::TestWithParam<Case> {
protected:
    EntrySweep() : way(GetParam().make()), machine(*way.kernel->machine), start(value_or_throw(machine.snapshot()))
    {
        begin = machine.instruction_count();
        // Once undisturbed, one instruction after the other: the boundaries.
        do {
            boundaries.push_back(machine.state());
            run(1);
        } while (!over() && boundaries.size() < kLongestWay);
        undisturbed = machine.state();
        floats = machine.floats();
        stacks = stack_words();
        machine.stop_at(arch::VirtAddr{way.end});
    }

    bool over() const { return machine.state().cpl == 3 && machine.state().rip == way.end; }
    void run(std::uint64_t instructions) { machine.run({.instructions = machine.instruction_count() + instructions}); }
    void again()
    {
        const auto restored = machine.restore(start);
        ASSERT_TRUE(restored) << restored.error();
        way.kernel->recorder.all.clear();
    }

    /// Runs until the way is over; false when it does not end.
    bool run_to_the_end()
    {
        run(10 * kLongestWay);
        return over();
    }

    /// TSS.RSP0 and the stack of the SYSCALL entry.
    std::pair<std::uint64_t, std::uint64_t> stack_words()
    {
        const std::uint64_t per_cpu = way.kernel->symbol("per_cpu").value;
        return {way.kernel->word_at(arch::VirtAddr{machine.state().tr.base + offsetof(arch::Tss, rsp)}),
                way.kernel->word_at(arch::VirtAddr{per_cpu + offsetof(layout::PerCpu, kernel_rsp)})};
    }

    void expect_undisturbed(const model::CpuState& expected)
    {
        EXPECT_TRUE(same_state(machine.state(), expected));
        EXPECT_TRUE(machine.floats() == floats);
        EXPECT_EQ(stack_words(), stacks);
    }

    std::size_t taken(TransitionKind kind, std::uint8_t vector) const
    {
        return static_cast<std::size_t>(std::ranges::count_if(
            way.kernel->recorder.all, [&](const auto& t) { return t.kind == kind && t.vector == vector; }));
    }

    Way way;
    ringcheck::Machine& machine;
    ringcheck::Snapshot start;
    std::uint64_t begin = 0;
    std::vector<model::CpuState> boundaries;
    model::CpuState undisturbed;
    model::FloatState floats;
    std::pair<std::uint64_t, std::uint64_t> stacks;
};

TEST_P(EntrySweep, LeadsIntoTheKernelAndOutAgain)
{
    EXPECT_GT(boundaries.size(), 15u);
    EXPECT_LT(boundaries.size(), kLongestWay);
    EXPECT_TRUE(std::ranges::any_of(boundaries, [](const auto& state) { return state.cpl == 0; }));
}

TEST_P(EntrySweep, NoNmiIsSeenByRing3)
{
    for (std::size_t i = 0; i < boundaries.size(); ++i) {
        SCOPED_TRACE(way.kernel->describe(boundaries[i].rip));
        again();
        machine.inject_at(begin + i, {Kind::Nmi});
        ASSERT_TRUE(run_to_the_end());
        EXPECT_EQ(taken(TransitionKind::Nmi, 2), 1u);
        expect_undisturbed(undisturbed);
        ASSERT_FALSE(HasFailure());
    }
}

TEST_P(EntrySweep, AnNmisHandlerHasTheKernelsGsAndAStackOfItsOwn)
{
    const std::uint64_t per_cpu = way.kernel->symbol("per_cpu").value;
    const arch::VirtAddr dispatch = way.kernel->symbol("exception_dispatch");
    machine.stop_at(dispatch);
    for (std::size_t i = 0; i < boundaries.size(); ++i) {
        SCOPED_TRACE(way.kernel->describe(boundaries[i].rip));
        again();
        machine.inject_at(begin + i, {Kind::Nmi});
        while (taken(TransitionKind::Nmi, 2) == 0) {
            run(kLongestWay); // an earlier exception stops there too
        }
        if (machine.state().rip != dispatch.value) {
            run(kLongestWay);
        }
        ASSERT_EQ(machine.state().rip, dispatch.value);
        EXPECT_EQ(machine.state().gs.base, per_cpu);
        const std::uint64_t tss = machine.state().tr.base;
        const std::uint64_t top =
            way.kernel->word_at(arch::VirtAddr{tss + offsetof(arch::Tss, ist) + 8 * (layout::kIstNmi - 1)});
        EXPECT_EQ(machine.state()[Gpr::Rdi], top - sizeof(layout::TrapFrame));
        ASSERT_FALSE(HasFailure());
    }
}

/// The second waits until the first one's IRETQ, which is what keeps its frame whole.
TEST_P(EntrySweep, NoSecondNmiWithinTheFirstIsSeenByRing3)
{
    constexpr std::size_t kFirsts = 20, kHandler = 60;
    for (std::size_t i = 0; i < boundaries.size(); i += boundaries.size() / kFirsts + 1) {
        for (std::size_t later = 1; later < kHandler; ++later) {
            SCOPED_TRACE(way.kernel->describe(boundaries[i].rip) + " and " + std::to_string(later) + " later");
            again();
            machine.inject_at(begin + i, {Kind::Nmi});
            machine.inject_at(begin + i + later, {Kind::Nmi});
            ASSERT_TRUE(run_to_the_end());
            expect_undisturbed(undisturbed);
            ASSERT_FALSE(HasFailure());
        }
    }
}

TEST_P(EntrySweep, NoTimerInterruptIsSeenByRing3)
{
    for (std::size_t i = 0; i < boundaries.size(); ++i) {
        SCOPED_TRACE(way.kernel->describe(boundaries[i].rip));
        again();
        const std::size_t before = taken(TransitionKind::Interrupt, kTimerVector);
        machine.inject_at(begin + i, {Kind::Interrupt, kTimerVector});
        ASSERT_TRUE(run_to_the_end());
        if (taken(TransitionKind::Interrupt, kTimerVector) == before) {
            run(1); // held back by IF = 0 until the first instruction of ring 3
            ASSERT_TRUE(run_to_the_end());
        }
        EXPECT_GT(taken(TransitionKind::Interrupt, kTimerVector), before);
        for (const auto& transition : way.kernel->recorder.all) {
            EXPECT_FALSE(transition.kind == TransitionKind::Interrupt && transition.before.cpl == 0)
                << "IF was set in ring 0";
        }
        expect_undisturbed(undisturbed);
        ASSERT_FALSE(HasFailure());
    }
}

/// A breakpoint register that matches the instruction: no program can set one, but a #DB in ring 0 is what
/// CVE-2018-8897 made of another one.
TEST_P(EntrySweep, NoDebugExceptionInRing0IsSeenByRing3)
{
    model::CpuState expected = undisturbed;
    for (std::size_t i = 0; i < boundaries.size(); ++i) {
        // In ring 3 it is the program's own; with RF set, behind a fault, the instruction has no breakpoint.
        if (boundaries[i].cpl != 0 || (boundaries[i].rflags & arch::rflags::kResume) != 0) {
            continue;
        }
        SCOPED_TRACE(way.kernel->describe(boundaries[i].rip));
        again();
        model::CpuState state = machine.state();
        state.dr0 = expected.dr0 = boundaries[i].rip;
        state.dr7 = arch::dr7::kAlwaysOne | 1;
        machine.set_state(state);
        ASSERT_TRUE(run_to_the_end());
        EXPECT_EQ(taken(TransitionKind::Exception, 1), 1u);
        expect_undisturbed(expected);
        ASSERT_FALSE(HasFailure());
    }
}

TEST_P(EntrySweep, AMachineCheckIsAnOrderlyPanicEverywhere)
{
    for (std::size_t i = 0; i < boundaries.size(); ++i) {
        SCOPED_TRACE(way.kernel->describe(boundaries[i].rip));
        again();
        machine.inject_at(begin + i, {Kind::MachineCheck});
        const ringcheck::RunEnd end = machine.run({.instructions = begin + 100 * kLongestWay});
        EXPECT_EQ(end.kind, EndKind::DebugExit) << end.text;
        EXPECT_EQ(end.value, layout::kExitPanic);
        const arch::VirtAddr record = way.kernel->symbol("panic_record");
        EXPECT_EQ(way.kernel->word_at(record), layout::PanicRecord::kMagic);
        EXPECT_EQ(way.kernel->word_at(record + offsetof(layout::PanicRecord, vector)), kMachineCheckVector);
        EXPECT_EQ(way.kernel->word_at(record + offsetof(layout::PanicRecord, rip)), boundaries[i].rip);
        ASSERT_FALSE(HasFailure());
    }
}

INSTANTIATE_TEST_SUITE_P(Through, EntrySweep,
                         testing::Values(Case{"SyscallAndSysret", syscall_and_sysret},
                                         Case{"SyscallAndIret", syscall_and_iret},
                                         Case{"FaultInAUserCopy", fault_in_a_user_copy},
                                         Case{"PageFaultThatMemoryHandles", page_fault_that_memory_handles},
                                         Case{"TimerInterrupt", timer_interrupt}, Case{"FirstEntry", first_entry}),
                         [](const auto& info) { return std::string(info.param.name); });

} // namespace
} // namespace support
