// SPDX-License-Identifier: MIT
// The initial stack, read back as a C library's start-up code reads it: upwards from RSP.
// [psABI AMD64 "Initial Stack and Register State", figure "Initial Process Stack"]
#include "process/initial_stack.h"

#include <gtest/gtest.h>

#include <cstring>
#include <elf.h>
#include <map>
#include <string>
#include <vector>

namespace {

using arch::VirtAddr;
using kernel::InitialStack;

constexpr VirtAddr kTop{0x7fff'ffff'0000};

/// The bytes as a program at their addresses would see them; a read outside fails the test.
class StackReader {
public:
    StackReader(const std::vector<std::uint8_t>& bytes, VirtAddr rsp) : bytes_(bytes), at_(rsp.value) {}

    std::uint64_t word()
    {
        std::uint64_t value = 0;
        const std::uint64_t index = offset(at_);
        if (index > bytes_.size() - 8) {
            throw std::out_of_range("word beyond the stack");
        }
        std::memcpy(&value, bytes_.data() + index, 8);
        at_ += 8;
        return value;
    }
    std::string string(std::uint64_t address) const
    {
        std::string text;
        while (bytes_.at(offset(address)) != 0) {
            text += static_cast<char>(bytes_.at(offset(address++)));
        }
        return text;
    }
    std::uint8_t byte(std::uint64_t address) const { return bytes_.at(offset(address)); }
    std::vector<std::string> strings()
    {
        std::vector<std::string> result;
        while (const std::uint64_t pointer = word()) {
            result.push_back(string(pointer));
        }
        return result;
    }

private:
    std::uint64_t offset(std::uint64_t address) const { return address - (kTop.value - bytes_.size()); }

    const std::vector<std::uint8_t>& bytes_;
    std::uint64_t at_;
};

InitialStack example()
{
    InitialStack stack;
    stack.executable_name = "bin/hello";
    stack.entry = VirtAddr{0x40'1000};
    stack.program_headers = VirtAddr{0x40'0040};
    stack.program_header_count = 4;
    stack.hardware_capabilities = 0x0783'fbff;
    for (std::uint8_t i = 0; i < 16; ++i) {
        stack.random[i] = static_cast<std::uint8_t>(0xf0 + i);
    }
    return stack;
}

TEST(InitialStack, HasEverythingWhereTheAbiSays)
{
    const base::StringView arguments[] = {"hello", "", "two words"};
    const base::StringView environment[] = {"HOME=/", "TERM=dumb"};
    InitialStack stack = example();
    stack.arguments = arguments;
    stack.environment = environment;
    std::vector<std::uint8_t> bytes(4096, 0xcc);
    const auto rsp = kernel::build_initial_stack({bytes.data(), bytes.size()}, kTop, stack);
    ASSERT_TRUE(rsp);
    EXPECT_EQ(rsp->value % 16, 0u);

    StackReader reader(bytes, *rsp);
    EXPECT_EQ(reader.word(), 3u);
    EXPECT_EQ(reader.strings(), (std::vector<std::string>{"hello", "", "two words"}));
    EXPECT_EQ(reader.strings(), (std::vector<std::string>{"HOME=/", "TERM=dumb"}));
    std::map<std::uint64_t, std::uint64_t> auxiliary;
    for (;;) {
        const std::uint64_t tag = reader.word();
        const std::uint64_t value = reader.word();
        if (tag == AT_NULL) {
            break;
        }
        EXPECT_TRUE(auxiliary.emplace(tag, value).second) << "twice: " << tag;
    }
    EXPECT_EQ(reader.string(auxiliary.at(AT_EXECFN)), "bin/hello");
    const std::uint64_t random = auxiliary.at(AT_RANDOM);
    for (std::uint8_t i = 0; i < 16; ++i) {
        EXPECT_EQ(reader.byte(random + i), 0xf0 + i);
    }
    auxiliary.erase(AT_EXECFN);
    auxiliary.erase(AT_RANDOM);
    EXPECT_EQ(auxiliary, (std::map<std::uint64_t, std::uint64_t>{{AT_PHDR, 0x40'0040},
                                                                 {AT_PHENT, 56},
                                                                 {AT_PHNUM, 4},
                                                                 {AT_PAGESZ, 4096},
                                                                 {AT_ENTRY, 0x40'1000},
                                                                 {AT_UID, 0},
                                                                 {AT_EUID, 0},
                                                                 {AT_GID, 0},
                                                                 {AT_EGID, 0},
                                                                 {AT_SECURE, 0},
                                                                 {AT_HWCAP, 0x0783'fbff},
                                                                 {AT_CLKTCK, 100}}));
}

TEST(InitialStack, IsAlignedForEveryNumberAndLengthOfStrings)
{
    const base::StringView strings[] = {"a", "bc", "def", "ghij", "klmno", "pqrstuvwxyz"};
    for (std::size_t arguments = 0; arguments <= 6; ++arguments) {
        for (std::size_t environment = 0; environment <= 6; ++environment) {
            for (const base::StringView name : strings) {
                InitialStack stack = example();
                stack.arguments = {strings, arguments};
                stack.environment = {strings, environment};
                stack.executable_name = name;
                std::vector<std::uint8_t> bytes(1024);
                const auto rsp = kernel::build_initial_stack({bytes.data(), bytes.size()}, kTop, stack);
                ASSERT_TRUE(rsp);
                ASSERT_EQ(rsp->value % 16, 0u);
                StackReader reader(bytes, *rsp);
                ASSERT_EQ(reader.word(), arguments);
                ASSERT_EQ(reader.strings().size(), arguments);
                ASSERT_EQ(reader.strings().size(), environment);
            }
        }
    }
}

TEST(InitialStack, ZeroesWhatIsBelowRspAndTheTopWord)
{
    std::vector<std::uint8_t> bytes(4096, 0xcc);
    const auto rsp = kernel::build_initial_stack({bytes.data(), bytes.size()}, kTop, example());
    ASSERT_TRUE(rsp);
    const std::uint64_t used = kTop - *rsp;
    EXPECT_EQ(std::count(bytes.begin(), bytes.end() - static_cast<long>(used), 0), static_cast<long>(4096 - used));
    EXPECT_EQ(std::count(bytes.end() - 8, bytes.end(), 0), 8);
    EXPECT_EQ(std::count(bytes.begin(), bytes.end(), 0xcc), 0);
}

TEST(InitialStack, FitsExactlyOrIsTooBig)
{
    const base::StringView arguments[] = {"program", "argument"};
    InitialStack stack = example();
    stack.arguments = arguments;
    std::vector<std::uint8_t> large(4096);
    const std::uint64_t used = kTop - *kernel::build_initial_stack({large.data(), large.size()}, kTop, stack);
    for (std::uint64_t size = 0; size < used; ++size) {
        std::vector<std::uint8_t> bytes(size);
        ASSERT_EQ(kernel::build_initial_stack({bytes.data(), bytes.size()}, kTop, stack).error(), uapi::Error::E2big);
    }
    std::vector<std::uint8_t> exact(used);
    EXPECT_EQ(*kernel::build_initial_stack({exact.data(), exact.size()}, kTop, stack), kTop - used);
}

} // namespace
