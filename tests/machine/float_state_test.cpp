// SPDX-License-Identifier: MIT
// Property: what the guest loads into the x87 and SSE registers is what Machine::floats() shows.
#include "support/machine_guest.h"

#include <gtest/gtest.h>

namespace {

using namespace ringcheck;
using support::MachineGuest;

GUEST_CODE(load_floats, R"(
    movq   %rax, %xmm7
    movq   %rbx, %xmm15
    fld1
    pushq  $0x1f00
    ldmxcsr (%rsp)
    pushq  $0x027f
    fldcw  (%rsp)
    hlt
)");

TEST(FloatState, IsInitialAtFirst)
{
    const MachineGuest guest;
    EXPECT_EQ(guest.machine->floats(), model::FloatState{});
}

TEST(FloatState, ShowsWhatTheGuestLoads)
{
    MachineGuest guest;
    guest.place(MachineGuest::kKernelText, load_floats);
    model::CpuState state = guest.ring_0();
    state.cr4 |= arch::cr4::kOsFxsr;
    state[model::Gpr::Rax] = 0x1234'5678;
    state[model::Gpr::Rbx] = 0x9abc;
    EXPECT_EQ(guest.run(state).kind, EndKind::Halted);
    model::FloatState expected;
    expected.xmm[7][0] = 0x1234'5678;
    expected.xmm[15][0] = 0x9abc;
    expected.mxcsr = 0x1f00;
    expected.control = 0x027f;
    expected.status = 7 << 11; // TOP
    expected.empty[7] = false;
    // 1.0: the integer bit and a biased exponent of 0x3fff.  [SDM 1 "Double Extended-Precision Floating-Point Format"]
    expected.physical[7] = {std::byte{0}, std::byte{0}, std::byte{0},    std::byte{0},    std::byte{0},
                            std::byte{0}, std::byte{0}, std::byte{0x80}, std::byte{0xff}, std::byte{0x3f}};
    const model::FloatState seen = guest.machine->floats();
    EXPECT_EQ(seen.xmm, expected.xmm);
    EXPECT_EQ(seen.mxcsr, expected.mxcsr);
    EXPECT_EQ(seen.control, expected.control);
    EXPECT_EQ(seen.status, expected.status);
    EXPECT_EQ(seen.empty, expected.empty);
    EXPECT_EQ(seen.physical, expected.physical);
}

} // namespace
