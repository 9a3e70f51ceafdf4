// SPDX-License-Identifier: MIT
// SSE exceptions that MXCSR does not mask: #XM of the instruction, which has then changed nothing but flags.
// [SDM 3A "Interrupt 19—SIMD Floating-Point Exception (#XM)"]
#include "support/mode_pair.h"

#include <gtest/gtest.h>

#include <bit>

namespace {

using namespace ringcheck;
using model::Gpr;
using support::GuestCode;
using support::MachineGuest;
using support::ModePair;

// EAX and EBX are the operands as floats, ECX is MXCSR.  The instruction stands at kInstruction.
#define ARITHMETIC(name, instruction)                                                                                  \
    GUEST_CODE(name, "push %rcx\n"                                                                                     \
                     "movd %eax, %xmm0\n"                                                                              \
                     "movd %ebx, %xmm1\n"                                                                              \
                     "ldmxcsr (%rsp)\n"                                                                                \
                     "nop\n" instruction "\n"                                                                          \
                     "stmxcsr (%rsp)\n"                                                                                \
                     "pop %rdx\n"                                                                                      \
                     "hlt\n")
constexpr std::uint64_t kInstruction = MachineGuest::kKernelText + 1 + 4 + 4 + 4 + 1;

ARITHMETIC(divides, "divss %xmm1, %xmm0");
ARITHMETIC(multiplies, "mulss %xmm1, %xmm0");
ARITHMETIC(converts, "cvtps2pi %xmm0, %mm3");
ARITHMETIC(estimates, "rcpss %xmm1, %xmm0");
ARITHMETIC(rounds, "roundss $0, %xmm1, %xmm0");
ARITHMETIC(rounds_quietly, "roundss $8, %xmm1, %xmm0");

constexpr std::uint32_t kInvalid = 1, kDivideByZero = 4, kOverflow = 8, kUnderflow = 16, kPrecision = 32;
constexpr std::uint32_t kAllMasked = 0x1f80;

struct Case {
    const GuestCode& code;
    float left, right;
    std::uint32_t unmasked; ///< as flags
    std::uint32_t mxcsr;    ///< flags afterwards
    bool faults;
};

std::uint64_t bits(float value)
{
    return std::bit_cast<std::uint32_t>(value);
}

void expect(const Case& what, bool trap = false)
{
    ModePair pair([&](MachineGuest& guest) {
        guest.place(MachineGuest::kKernelText, what.code);
        model::CpuState state = guest.ring_0();
        state.cr4 |= arch::cr4::kOsFxsr | arch::cr4::kOsXmmExceptions;
        state.rflags |= trap ? arch::rflags::kTrap : 0;
        state[Gpr::Rax] = bits(what.left);
        state[Gpr::Rbx] = bits(what.right);
        state[Gpr::Rcx] = kAllMasked & ~(what.unmasked << 7);
        if (trap) {
            static constexpr std::byte kReturn[] = {std::byte{0x48}, std::byte{0xcf}};
            guest.place(MachineGuest::handler(1), kReturn);
        }
        return state;
    });
    pair.run_to(1'000);
    pair.expect_same_logs();
    EXPECT_EQ(pair.fast.machine->floats(), pair.step.machine->floats());
    const auto& transitions = pair.fast.log.transitions;
    const auto raised = std::ranges::find(transitions, std::optional<std::uint8_t>(19), &Transition::vector);
    ASSERT_EQ(raised != transitions.end(), what.faults);
    const model::FloatState floats = pair.fast.machine->floats();
    EXPECT_EQ(floats.mxcsr, (kAllMasked & ~(what.unmasked << 7)) | what.mxcsr);
    if (what.faults) {
        EXPECT_EQ(raised->before.rip, kInstruction);
        EXPECT_EQ(raised->error_code, std::nullopt);
        EXPECT_EQ(raised->count, trap ? 10u : 5u) << "with IRETQs";
        EXPECT_EQ(floats.xmm[0][0], bits(what.left)) << "as it was";
    }
}

TEST(FloatCheck, AnExceptionThatIsNotMaskedIsRaised)
{
    expect({divides, 1, 0, kDivideByZero, kDivideByZero, true});
    expect({divides, 0, 0, kInvalid, kInvalid, true});
    expect({multiplies, 1e30F, 1e30F, kOverflow, kOverflow | kPrecision, true});
    expect({multiplies, 1e-30F, 1e-30F, kUnderflow, kUnderflow | kPrecision, true});
    expect({divides, 1, 3, kPrecision, kPrecision, true});
    expect({converts, 1e30F, 0, kInvalid, kInvalid, true});
    expect({rounds, 0, 1.5F, kPrecision, kPrecision, true});
}

TEST(FloatCheck, OneThatIsMaskedSetsItsFlagWhileAnotherIsNot)
{
    expect({divides, 1, 0, kInvalid, kDivideByZero, false});
    expect({divides, 1, 3, kDivideByZero, kPrecision, false});
    expect({divides, 1, 2, kDivideByZero | kPrecision | kInvalid, 0, false});
}

TEST(FloatCheck, WhatTheInstructionNeverRaisesIsNotRaised)
{
    expect({estimates, 0, 3, kPrecision, 0, false});
    expect({estimates, 0, 0, kDivideByZero, 0, false});
    expect({rounds_quietly, 0, 1.5F, kPrecision, 0, false});
}

TEST(FloatCheck, ItComesBeforeTheTrapOfASingleStep)
{
    expect({divides, 1, 0, kDivideByZero, kDivideByZero, true}, true);
    expect({divides, 1, 3, kDivideByZero, kPrecision, false}, true);
}

} // namespace
