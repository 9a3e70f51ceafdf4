// SPDX-License-Identifier: MIT
// Property: what the guest loads into the x87 and SSE registers is what Machine::floats() shows.
#include "support/machine_guest.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>

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

GUEST_CODE(load_mxcsr, "ldmxcsr (%rax)");
GUEST_CODE(restore_area, "fxrstor (%rax)");
GUEST_CODE(restore_wide_area, "fxrstor64 (%rax)");

/// The vector that it ends with, or of HLT behind it none, with `mxcsr` as its image.
std::optional<std::uint8_t> vector_of(const support::GuestCode& code, std::uint32_t mxcsr, std::uint64_t offset,
                                      std::uint64_t address = MachineGuest::kData, std::uint64_t cr0 = 0,
                                      std::uint64_t cr4 = arch::cr4::kOsFxsr)
{
    MachineGuest guest;
    guest.place(MachineGuest::kKernelText, code);
    constexpr std::byte kHalt{0xf4};
    guest.place(MachineGuest::kKernelText + code.bytes().size(), {&kHalt, 1});
    guest.guest.set_word(MachineGuest::kData + offset, mxcsr);
    model::CpuState state = guest.ring_0();
    state.cr0 |= cr0;
    state.cr4 |= cr4;
    state[model::Gpr::Rax] = address;
    EXPECT_EQ(guest.run(state).kind, EndKind::Halted);
    if (guest.log.transitions.empty()) {
        EXPECT_EQ(guest.machine->floats().mxcsr, mxcsr);
        return std::nullopt;
    }
    EXPECT_EQ(guest.machine->floats().mxcsr, 0x1f80u) << "as it was";
    EXPECT_EQ(guest.log.transitions[0].before.rip, MachineGuest::kKernelText);
    return guest.log.transitions[0].vector;
}

TEST(FloatState, RefusesReservedBitsOfMxcsr)
{
    constexpr std::uint8_t kGeneralProtection = 13;
    for (const unsigned position : {0u, 6u, 15u, 16u, 31u}) {
        const auto expected = position < 16 ? std::nullopt : std::optional(kGeneralProtection);
        const std::uint32_t value = 0x1f80 | 1u << position;
        EXPECT_EQ(vector_of(load_mxcsr, value, 0), expected) << position;
        EXPECT_EQ(vector_of(restore_area, value, 24), expected) << position;
        EXPECT_EQ(vector_of(restore_wide_area, value, 24), expected) << position;
    }
}

TEST(FloatState, LooksAtMxcsrOnlyWhereTheInstructionWouldLoadIt)
{
    constexpr std::uint32_t kReserved = 0x10000;
    EXPECT_EQ(vector_of(load_mxcsr, kReserved, 0, MachineGuest::kData, arch::cr0::kTaskSwitched), 7);
    EXPECT_EQ(vector_of(load_mxcsr, kReserved, 0, MachineGuest::kData, arch::cr0::kEmulation), 6);
    EXPECT_EQ(vector_of(load_mxcsr, kReserved, 0, MachineGuest::kData, 0, 0), 6);
    EXPECT_EQ(vector_of(load_mxcsr, kReserved, 0, MachineGuest::kUnmapped), 14);
    EXPECT_EQ(vector_of(restore_area, kReserved, 32, MachineGuest::kData + 8), 13) << "misaligned";
}

} // namespace
