// SPDX-License-Identifier: MIT
// Property: whatever a program passes to write(2), the kernel reads only what the program itself may read, says EFAULT
// otherwise, and goes on.  Source: write(2); the order of the checks is Linux's.
#include "layout/address_map.h"
#include "transition/user_code.h"
#include "uapi/errno.h"

#include <gtest/gtest.h>

namespace support {
namespace {

using model::Gpr;
using uapi::Error;

constexpr std::uint64_t minus(Error error)
{
    return ~static_cast<std::uint64_t>(error) + 1;
}

class WriteCall : public testing::Test {
protected:
    std::uint64_t write(std::uint64_t fd, std::uint64_t buffer, std::uint64_t count)
    {
        return call(1, fd, buffer, count);
    }

    std::uint64_t call(std::uint64_t number, std::uint64_t fd, std::uint64_t buffer, std::uint64_t count)
    {
        model::CpuState state = start;
        state[Gpr::Rax] = number;
        state[Gpr::Rdi] = fd;
        state[Gpr::Rsi] = buffer;
        state[Gpr::Rdx] = count;
        program.set(state);
        program.run_to(arch::VirtAddr{start.rip + 2});
        return program.state()[Gpr::Rax];
    }

    UserCode program{{0x0f, 0x05, 0xeb, 0xfe}}; // syscall; jmp to itself
    model::CpuState start = program.state();
    /// The page of the program's code: readable, and the next page is the program's too; the stack's top page ends
    /// where nothing is mapped.
    std::uint64_t code = arch::VirtAddr{start.rip}.page_floor().value;
    std::uint64_t stack_end = arch::VirtAddr{start[Gpr::Rsp]}.page_ceiling().value;
};

TEST_F(WriteCall, ReturnsTheCountAndWritesTheBytes)
{
    EXPECT_EQ(write(1, code + 1, 3), 3u);
    EXPECT_NE(program.machine->console().find("ELF"), std::string::npos);
    EXPECT_EQ(write(2, code + 1, 3), 3u);
    EXPECT_EQ(write(1, code, 0), 0u);
}

TEST_F(WriteCall, RefusesOtherDescriptors)
{
    for (const std::uint64_t fd : {3ull, 256ull, ~0ull, 0x8000'0001ull}) {
        EXPECT_EQ(write(fd, code, 1), minus(Error::Ebadf)) << fd;
    }
}

TEST_F(WriteCall, TakesTheDescriptorAsAnInt)
{
    EXPECT_EQ(write(0xffff'ffff'0000'0001, code, 1), 1u);
}

TEST_F(WriteCall, RefusesEveryAddressThatTheProgramCannotRead)
{
    const std::uint64_t kernel_text = program.symbol("syscall_entry").value;
    const std::uint64_t addresses[] = {0,
                                       1,
                                       layout::kUserBegin.value,
                                       stack_end,
                                       layout::kUserEnd.value,
                                       0x0000'7fff'ffff'ffff,
                                       0x0000'8000'0000'0000,
                                       0xffff'7fff'ffff'ffff,
                                       layout::kPhysicalMap.value,
                                       kernel_text,
                                       ~0ull};
    for (const std::uint64_t address : addresses) {
        EXPECT_EQ(write(1, address, 1), minus(Error::Efault)) << std::hex << address;
    }
}

TEST_F(WriteCall, RefusesRangesThatLeaveUserSpaceOrWrap)
{
    for (const std::uint64_t count : {~std::uint64_t{0}, std::uint64_t{1} << 63, layout::kUserEnd.value, 0 - code}) {
        EXPECT_EQ(write(1, code, count), minus(Error::Efault)) << std::hex << count;
    }
    EXPECT_EQ(write(1, layout::kUserEnd.value - 1, 2), minus(Error::Efault));
}

TEST_F(WriteCall, WritesUpToTheFirstByteThatCannotBeRead)
{
    EXPECT_EQ(write(1, stack_end - 5, 6), 5u);
    EXPECT_EQ(write(1, stack_end - 300, 1000), 300u);
}

TEST_F(WriteCall, CopiesEachByteThatCanBeReadAndNoOther)
{
    for (std::uint64_t there = 0; there <= 25; ++there) {
        for (const std::uint64_t more : {0u, 1u, 7u, 8u, 9u, 30u}) {
            const std::uint64_t expected = there == 0 && more != 0 ? minus(Error::Efault) : there;
            EXPECT_EQ(write(1, stack_end - there, there + more), expected)
                << there << " bytes, and " << more << " more";
        }
    }
}

TEST_F(WriteCall, ComparesTheWholeCallNumber)
{
    for (const std::uint64_t number : {0x1'0000'0001ull, 0x4000'0001ull, ~0ull, 1ull << 63, 0xffff'ffffull}) {
        EXPECT_EQ(call(number, 1, code, 1), minus(Error::Enosys)) << std::hex << number;
    }
}

TEST_F(WriteCall, WorksWithAnyStackPointer)
{
    for (const std::uint64_t rsp : {0ull, 1ull, 0x0000'8000'0000'0000ull, 0xffff'8000'0000'0000ull, ~0ull}) {
        start[Gpr::Rsp] = rsp;
        EXPECT_EQ(write(1, code, 1), 1u);
        EXPECT_EQ(program.state()[Gpr::Rsp], rsp);
    }
}

} // namespace
} // namespace support
