// SPDX-License-Identifier: MIT
// Property: a program that loses the CPU between any two instructions goes on, when its turn has come again, as if
// nothing had happened, and finds nothing of the program that ran meanwhile.
#include "arch/control_registers.h"
#include "arch/rflags.h"
#include "machine/data_access.h"
#include "support/cpu_state_matchers.h"
#include "transition/user_code.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace support {
namespace {

using model::Gpr;
using ringcheck::Injection;
using ringcheck::TransitionKind;

constexpr std::uint8_t kTimerVector = 32;

/// jmp to itself
const std::vector<std::uint8_t> kComputeForEver = {0xeb, 0xfe};

/// Two programs; the first computes, the second stands before its first instruction, which `code` replaces.
class TwoPrograms : public UserCode {
public:
    explicit TwoPrograms(const std::vector<std::uint8_t>& code)
        : UserCode(kComputeForEver, machine_from_environment(), "", {"run counter &", "run counter", "poweroff"}),
          other(state())
    {
        run_to_ring3();
        plant(code);
        model::CpuState own = state();
        for (unsigned i = 0; i < own.gpr.size(); ++i) {
            if (static_cast<Gpr>(i) != Gpr::Rsp) {
                own.gpr[i] = ~distinct_word(i); // none of the other's
            }
        }
        set(own);
    }

    void step() { machine->run({.instructions = machine->instruction_count() + 1}); }

    /// Ticks until the CPU is in ring 3 under other page tables.  No instruction of ring 3 is executed.
    void take_the_cpu_away()
    {
        constexpr unsigned kMostTicks = 1000;
        const std::uint64_t own = state().cr3;
        for (unsigned tick = 0; tick < kMostTicks && state().cr3 == own; ++tick) {
            machine->inject_at(machine->instruction_count(), {Injection::Kind::Interrupt, kTimerVector});
            do {
                step();
            } while (state().cpl != 3);
        }
    }

    model::CpuState other; ///< of the first program, in its endless loop
};

/// Arithmetic on all kinds of registers and flags; each instruction leaves something that the next one needs.
const std::vector<std::uint8_t> kArithmetic = {
    0x48, 0x01, 0xd8,             // add %rbx, %rax
    0x48, 0x11, 0xca,             // adc %rcx, %rdx
    0xfd,                         // std
    0x4d, 0x0f, 0xaf, 0xc1,       // imul %r9, %r8
    0x4d, 0x11, 0xd3,             // adc %r10, %r11
    0x66, 0x48, 0x0f, 0x6e, 0xc6, // movq %rsi, %xmm0
    0xd9, 0xe8,                   // fld1
    0x66, 0x4c, 0x0f, 0x6e, 0xfd, // movq %rbp, %xmm15
    0xf9,                         // stc
    0x49, 0x83, 0xd4, 0x00,       // adc $0, %r12
    0x66, 0x0f, 0xef, 0xc7,       // pxor %xmm7, %xmm0
    0x4d, 0x31, 0xfd,             // xor %r15, %r13
    0x41, 0x57,                   // push %r15
    0x9c,                         // pushf
    0xeb, 0xfe,                   // jmp to itself
};

TEST(Preemption, AtEachInstructionKeepsEveryRegister)
{
    TwoPrograms programs(kArithmetic);
    const std::uint64_t begin = programs.state().rip, own = programs.state().cr3, end = begin + kArithmetic.size() - 2;
    const ringcheck::Snapshot start = value_or_throw(programs.machine->snapshot());
    // Once undisturbed but for page faults: the boundaries.
    std::vector<std::uint64_t> boundaries;
    while (programs.state().rip != end && boundaries.size() < 100) {
        boundaries.push_back(programs.state().rip);
        do {
            programs.step();
        } while (programs.state().cpl != 3);
    }
    const model::CpuState undisturbed = programs.state();
    const model::FloatState floats = programs.machine->floats();
    ASSERT_EQ(undisturbed.rip, end);
    ASSERT_GE(boundaries.size(), 14u);
    ASSERT_NE(undisturbed.rflags & arch::rflags::kDirection, 0u);

    for (const std::uint64_t boundary : boundaries) {
        SCOPED_TRACE(boundary - begin);
        ASSERT_TRUE(programs.machine->restore(start));
        while (programs.state().rip != boundary) {
            do {
                programs.step();
            } while (programs.state().cpl != 3);
        }
        programs.take_the_cpu_away();
        ASSERT_NE(programs.state().cr3, own) << "the other program did not get the CPU";
        EXPECT_EQ(programs.state().gpr, programs.other.gpr);
        EXPECT_EQ(programs.state().rip, programs.other.rip);
        programs.take_the_cpu_away();
        ASSERT_EQ(programs.state().cr3, own) << "the CPU did not come back";
        ASSERT_EQ(programs.state().rip, boundary);
        while (programs.state().rip != end) {
            do {
                programs.step();
            } while (programs.state().cpl != 3);
        }
        EXPECT_TRUE(same_state(programs.state(), undisturbed));
        EXPECT_TRUE(programs.machine->floats() == floats);
        ASSERT_FALSE(testing::Test::HasFailure());
    }
}

/// Looks at each instruction.
class EachInstruction : public ringcheck::Observer {
public:
    bool wants_instructions() const override { return true; }
};

/// With CR0.TS set the registers of the program that ran last would still be there, for speculation to read.
TEST(Preemption, NeverSetsTaskSwitched)
{
    struct Look final : EachInstruction {
        void on_instruction(std::uint64_t, const model::CpuState& state) override
        {
            ++looked;
            set += (state.cr0 & arch::cr0::kTaskSwitched) != 0 ? 1 : 0;
        }
        std::uint64_t looked = 0, set = 0;
    } look;
    ringcheck::MachineConfig config = machine_from_environment();
    config.mode = ringcheck::ExecutionMode::Step;
    BootedKernel kernel{{"run threads", "run hello", "poweroff"}, config};
    kernel.machine->set_observer(&look);
    EXPECT_EQ(kernel.run_to_end().kind, ringcheck::EndKind::PowerOff);
    EXPECT_GT(look.looked, 200'000u);
    EXPECT_EQ(look.set, 0u);
}

/// The instructions that load float registers, and what they load.
class FloatLoads final : public EachInstruction {
public:
    explicit FloatLoads(BootedKernel& kernel) : kernel_(kernel) {}

    void on_instruction(std::uint64_t, const model::CpuState& state) override
    {
        const std::vector<std::byte> code = kernel_.machine->read_virtual(state, arch::VirtAddr{state.rip}, 8);
        if (state.cpl != 0 || !loads(code)) {
            return;
        }
        const auto accesses = ringcheck::data_accesses(state, code);
        const std::uint64_t area_at = accesses.empty() ? 0 : accesses[0].address;
        const auto area = kernel_.machine->read_virtual(state, arch::VirtAddr{area_at}, kLegacyArea);
        if (area.size() != kLegacyArea) {
            ++unreadable;
            return;
        }
        const bool pending = (area[kStatusWord] & kExceptionSummary) != std::byte{0};
        const bool zero = std::all_of(area.begin() + kPointers, area.begin() + kMxcsr,
                                      [](std::byte byte) { return byte == std::byte{0}; });
        if (pending && zero && !cleared_) {
            cleared_ = true;
            return;
        }
        ++(cleared_ ? after_clearing : without_clearing);
        cleared_ = false;
    }

    unsigned after_clearing = 0, without_clearing = 0, unreadable = 0;

private:
    static constexpr std::size_t kLegacyArea = 32, kStatusWord = 2, kPointers = 6, kMxcsr = 24;
    static constexpr std::byte kExceptionSummary{0x80};

    /// FXRSTOR64 and XRSTOR64 with an operand in memory.  [SDM 2A "FXRSTOR"; SDM 2D "XRSTOR"]
    static bool loads(const std::vector<std::byte>& code)
    {
        constexpr std::byte kRexMask{0xf8}, kRexWide{0x48}, kEscape{0x0f}, kGroup{0xae}, kInRegister{0xc0};
        constexpr unsigned kFxrstor = 1, kXrstor = 5;
        if (code.size() < 4 || (code[0] & kRexMask) != kRexWide || code[1] != kEscape || code[2] != kGroup ||
            code[3] >= kInRegister) {
            return false;
        }
        const unsigned operation = std::to_integer<unsigned>(code[3]) >> 3 & 7;
        return operation == kFxrstor || operation == kXrstor;
    }

    BootedKernel& kernel_;
    bool cleared_ = false;
};

/// AMD's FXRSTOR loads FIP, FDP and FOP only together with a pending exception (CVE-2006-1056).  So before each load of
/// a program's registers one must come that has a pending exception, and zeros there.  [APM 2 "FXSAVE and FXRSTOR
/// Instructions"]
TEST(Preemption, ClearsTheX87PointersOnAmd)
{
    BootedKernel kernel{{"run threads", "run hello", "poweroff"},
                        {.vendor = model::Vendor::Amd, .mode = ringcheck::ExecutionMode::Step}};
    FloatLoads loads(kernel);
    kernel.machine->set_observer(&loads);
    EXPECT_EQ(kernel.run_to_end().kind, ringcheck::EndKind::PowerOff);
    EXPECT_GT(loads.after_clearing, 5u);
    EXPECT_EQ(loads.without_clearing, 0u);
    EXPECT_EQ(loads.unreadable, 0u);
}

/// The idle loop allows interrupts by STI and then waits by HLT.  An interrupt between the two would be served before
/// the wait, and what it brought be slept over: STI's shadow must hold it back until HLT has begun.
/// [SDM 2B STI "Operation"]
TEST(Idle, LosesNoWakeup)
{
    constexpr std::byte kSti{0xfb}, kHlt{0xf4};
    BootedKernel kernel{{"run nap", "poweroff"}};
    kernel.run_to_ring3();
    const auto at = [&kernel](std::byte first) {
        const auto code =
            kernel.machine->read_virtual(kernel.machine->state(), arch::VirtAddr{kernel.machine->state().rip}, 1);
        return kernel.machine->state().cpl == 0 && !code.empty() && code[0] == first;
    };
    const auto step = [&kernel] { kernel.machine->run({.instructions = kernel.machine->instruction_count() + 1}); };
    for (unsigned i = 0; i < 100'000 && !at(kSti); ++i) {
        step();
    }
    ASSERT_TRUE(at(kSti)) << "the idle loop was not reached";
    const std::uint64_t behind = kernel.machine->state().rip + 2;
    const ringcheck::Snapshot start = value_or_throw(kernel.machine->snapshot());
    for (unsigned executed = 0; executed < 2; ++executed) {
        SCOPED_TRACE(executed);
        ASSERT_TRUE(kernel.machine->restore(start));
        kernel.recorder.all.clear();
        if (executed == 1) {
            step();
            ASSERT_TRUE(at(kHlt));
        }
        kernel.machine->inject_at(kernel.machine->instruction_count(), {Injection::Kind::Interrupt, kTimerVector});
        for (unsigned i = 0; i < 10 && kernel.recorder.all.empty(); ++i) {
            step();
        }
        ASSERT_FALSE(kernel.recorder.all.empty());
        EXPECT_EQ(kernel.recorder.all.front().kind, TransitionKind::Interrupt);
        EXPECT_EQ(kernel.recorder.all.front().before.rip, behind);
    }
}

} // namespace
} // namespace support
