// SPDX-License-Identifier: MIT
// Breakpoints: every condition, length and alignment against every access, and what suppresses instruction breakpoints.
// [SDM 3B "Debug Control Register (DR7)", "Breakpoint Field Recognition"]
#include "model/breakpoint.h"
#include "support/cpu_state_matchers.h"
#include "support/model_guest.h"

#include <array>

namespace ringcheck::model {
namespace {

constexpr std::uint64_t kBase = 0x2'0000;

class Breakpoint : public testing::Test {
protected:
    /// DR7 with breakpoint `n` enabled by `enables` (1 local, 2 global), with R/W and LEN as encoded.
    static std::uint64_t dr7(unsigned n, unsigned enables, unsigned condition, unsigned length)
    {
        return 0x400 | std::uint64_t{enables} << 2 * n | std::uint64_t{condition | length << 2} << (16 + 4 * n);
    }
    Fault hit(std::uint64_t dr6) const
    {
        Fault fault = exception(1, Reason::InstructionBreakpoint);
        fault.dr6 = dr6;
        return fault;
    }

    ModelGuest guest;
    CpuState state = guest.ring_3();
};

TEST_F(Breakpoint, MeetsEveryAccessThatTouchesItsBytesInItsWay)
{
    constexpr unsigned kLengths[] = {1, 2, 8, 4};
    state.cr4 |= 8;
    unsigned hits = 0;
    for (unsigned number = 0; number != 4u * 4 * 4 * 16; ++number) {
        const unsigned n = number % 4, condition = number / 4 % 4, length = number / 16 % 4, at = number / 64;
        std::uint64_t CpuState::* const registers[] = {&CpuState::dr0, &CpuState::dr1, &CpuState::dr2, &CpuState::dr3};
        state.dr0 = state.dr1 = state.dr2 = state.dr3 = 0;
        state.*registers[n] = at;
        state.dr7 = dr7(n, 1 + number % 2, condition, length);
        std::array<bool, 32> watched{};
        const unsigned first = at - at % kLengths[length];
        for (unsigned byte = first; byte != first + kLengths[length]; ++byte) {
            watched[byte] = true;
        }
        for (unsigned address = 0; address != 16; ++address) {
            for (const unsigned bytes : {1u, 2u, 4u, 8u}) {
                bool touched = false;
                for (unsigned byte = address; byte != address + bytes; ++byte) {
                    touched = touched || watched[byte];
                }
                const std::uint64_t bit = touched ? 1u << n : 0;
                ASSERT_EQ(data_breakpoints(state, address, bytes, DataAccess::Write),
                          condition == 1 || condition == 3 ? bit : 0);
                ASSERT_EQ(data_breakpoints(state, address, bytes, DataAccess::Read), condition == 3 ? bit : 0);
                ASSERT_EQ(io_breakpoints(state, static_cast<std::uint16_t>(address), bytes), condition == 2 ? bit : 0);
                hits += touched ? 1 : 0;
            }
        }
    }
    EXPECT_GT(hits, 10'000u);
}

TEST_F(Breakpoint, NeedsToBeEnabled)
{
    state.dr0 = state.dr1 = state.dr2 = state.dr3 = kBase;
    for (unsigned enables = 0; enables != 256; ++enables) {
        state.dr7 = 0x3333'0400 | enables;
        std::uint64_t expected = 0;
        for (unsigned n = 0; n != 4; ++n) {
            expected |= (enables >> 2 * n & 3) != 0 ? 1u << n : 0;
        }
        EXPECT_EQ(data_breakpoints(state, kBase, 4, DataAccess::Read), expected);
    }
}

TEST_F(Breakpoint, WatchesPortsWithDebuggingExtensionsOnly)
{
    state.dr2 = 0x3f8;
    state.dr7 = dr7(2, 2, 2, 0);
    state.cr4 &= ~8ull;
    EXPECT_EQ(io_breakpoints(state, 0x3f8, 1), 0u);
    state.cr4 |= 8;
    EXPECT_EQ(io_breakpoints(state, 0x3f8, 1), 4u);
    EXPECT_EQ(io_breakpoints(state, 0x3f7, 1), 0u);
}

TEST_F(Breakpoint, DoesNotReachAroundTheEndOfTheAddressSpace)
{
    state.dr0 = ~std::uint64_t{0};
    state.dr7 = dr7(0, 1, 3, 0);
    EXPECT_EQ(data_breakpoints(state, 0, 8, DataAccess::Read), 0u);
    EXPECT_EQ(data_breakpoints(state, ~std::uint64_t{7}, 8, DataAccess::Read), 1u);
}

TEST_F(Breakpoint, StopsAnInstructionAtItsExactAddress)
{
    for (unsigned condition = 0; condition != 4; ++condition) {
        for (int offset = -1; offset != 2; ++offset) {
            state.dr1 = state.rip + static_cast<std::uint64_t>(offset);
            state.dr7 = dr7(1, 1, condition, 0);
            const auto found = instruction_breakpoint(state);
            ASSERT_EQ(found.has_value(), condition == 0 && offset == 0);
            if (found) {
                EXPECT_EQ(*found, hit(2));
            }
        }
    }
    state.dr3 = state.dr1 = state.rip;
    state.dr7 = dr7(1, 1, 0, 0) | dr7(3, 1, 0, 0);
    EXPECT_EQ(instruction_breakpoint(state).value_or(Fault{}), hit(0xa));
}

TEST_F(Breakpoint, LetsAnInstructionPassOnceByRfAndBehindMovSs)
{
    state.dr0 = state.rip;
    state.dr7 = dr7(0, 1, 0, 0);
    EXPECT_TRUE(instruction_breakpoint(state));
    CpuState resumed = state;
    resumed.rflags |= arch::rflags::kResume;
    EXPECT_FALSE(instruction_breakpoint(resumed));
    CpuState behind_mov_ss = state;
    behind_mov_ss.interrupt_shadow = behind_mov_ss.mov_ss_shadow = true;
    EXPECT_FALSE(instruction_breakpoint(behind_mov_ss));
    CpuState behind_sti = state;
    behind_sti.interrupt_shadow = true;
    EXPECT_TRUE(instruction_breakpoint(behind_sti)) << "STI holds back interrupts only";
}

TEST_F(Breakpoint, IsALinearAddressInCompatibilityMode)
{
    state.cs.attributes = 0x00c0'fb00;
    state.cs.base = 0xffff'f000;
    state.rip = 0x2000;
    state.dr0 = 0x1000;
    state.dr7 = dr7(0, 1, 0, 0);
    EXPECT_TRUE(instruction_breakpoint(state));
    state.cs.attributes = 0x00a0'fb00;
    EXPECT_FALSE(instruction_breakpoint(state)) << "64-bit mode has no code segment base";
}

} // namespace
} // namespace ringcheck::model
