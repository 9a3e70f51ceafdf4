// SPDX-License-Identifier: MIT
// Property: getrandom(2) fills exactly what it was asked to, repeats itself with a boot's seed only, and refuses as
// Linux does.
#include "layout/address_map.h"
#include "transition/user_code.h"
#include "uapi/errno.h"
#include "uapi/random.h"
#include "uapi/syscalls.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace support {
namespace {

using model::Gpr;

constexpr std::uint64_t failure(uapi::Error error)
{
    return ~static_cast<std::uint64_t>(error) + 1;
}

class Getrandom : public testing::Test {
protected:
    static constexpr std::uint64_t kCount = 300;

    std::uint64_t call(UserCode& caller, std::uint64_t to, std::uint64_t count, std::uint64_t flags = 0)
    {
        model::CpuState state = caller.state();
        state.rip = begin;
        state[Gpr::Rax] = static_cast<std::uint64_t>(uapi::Syscall::Getrandom);
        state[Gpr::Rdi] = to;
        state[Gpr::Rsi] = count;
        state[Gpr::Rdx] = flags;
        caller.set(state);
        caller.run_to(arch::VirtAddr{begin + 2});
        return caller.state()[Gpr::Rax];
    }

    std::vector<std::byte> bytes_of_a_boot(const std::string& command_line)
    {
        UserCode booted(kCode, {}, command_line);
        const std::uint64_t to = buffer_of(booted);
        EXPECT_EQ(call(booted, to, kCount), kCount);
        return booted.machine->read_virtual(booted.state(), arch::VirtAddr{to}, kCount + 1);
    }

    /// The stack's page, below its contents.
    static std::uint64_t buffer_of(const UserCode& caller)
    {
        return arch::VirtAddr{caller.state()[Gpr::Rsp]}.page_floor().value;
    }

    const std::vector<std::uint8_t> kCode{0x0f, 0x05, 0xeb, 0xfe}; // syscall; jmp to itself
    UserCode program{kCode};
    std::uint64_t begin = program.state().rip;
    std::uint64_t buffer = buffer_of(program);
};

TEST_F(Getrandom, FillsWhatItWasAskedToAndNoByteMore)
{
    const std::vector<std::byte> bytes = bytes_of_a_boot("seed=1");
    ASSERT_EQ(bytes.size(), kCount + 1);
    EXPECT_EQ(bytes.back(), std::byte{0});
    // 300 random bytes have about one zero; 16 of them would be one in 10^14.
    EXPECT_LT(std::ranges::count(bytes, std::byte{0}), 16);
}

TEST_F(Getrandom, RepeatsItselfWithTheSameSeedOnly)
{
    EXPECT_EQ(bytes_of_a_boot("seed=1"), bytes_of_a_boot("seed=1"));
    EXPECT_NE(bytes_of_a_boot("seed=1"), bytes_of_a_boot("seed=2"));
}

TEST_F(Getrandom, TakesItsFlagsAsAnIntAndRefusesUnknownOnes)
{
    EXPECT_EQ(call(program, buffer, 1, uapi::kRandomNonblock | uapi::kRandomRandom), 1u);
    EXPECT_EQ(call(program, buffer, 1, std::uint64_t{1} << 32), 1u);
    EXPECT_EQ(call(program, buffer, 1, 8), failure(uapi::Error::Einval));
    EXPECT_EQ(call(program, buffer, 1, uapi::kRandomRandom | uapi::kRandomInsecure), failure(uapi::Error::Einval));
}

TEST_F(Getrandom, RefusesEveryAddressThatTheProgramCannotWrite)
{
    EXPECT_EQ(call(program, 0, 0), 0u);
    for (const std::uint64_t address : {std::uint64_t{0}, begin, layout::kUserEnd.value, std::uint64_t{1} << 47,
                                        program.symbol("per_cpu").value, ~std::uint64_t{0}}) {
        EXPECT_EQ(call(program, address, 16), failure(uapi::Error::Efault)) << std::hex << address;
    }
}

} // namespace
} // namespace support
