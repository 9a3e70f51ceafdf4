// SPDX-License-Identifier: MIT
// The initial stack, read back as a C library's start-up code reads it: upwards from RSP.
// [psABI AMD64 "Initial Stack and Register State", figure "Initial Process Stack"]
#include "process/initial_stack.h"
#include "unit/user_memory_fixture.h"

#include <elf.h>
#include <map>
#include <string>
#include <vector>

namespace {

using arch::kPageSize;
using arch::VirtAddr;
using kernel::ArgumentBlock;
using kernel::InitialStack;
using Strings = std::vector<std::string>;

constexpr VirtAddr kTop{0x7fff'ffff'0000};

class InitialStacks : public fake::UserMemoryTest {
protected:
    ArgumentBlock::Run append(const Strings& strings)
    {
        ArgumentBlock::Run run{.begin = block_.size(), .bytes = 0, .count = strings.size()};
        for (const std::string& text : strings) {
            EXPECT_TRUE(block_.append({text.data(), text.size()}));
        }
        run.bytes = block_.size() - run.begin;
        return run;
    }
    InitialStack example(const Strings& arguments, const Strings& environment, const std::string& name = "bin/hello")
    {
        InitialStack stack;
        stack.strings = &block_;
        stack.arguments = append(arguments);
        stack.environment = append(environment);
        stack.executable_name = append({name});
        stack.entry = VirtAddr{0x40'1000};
        stack.program_headers = VirtAddr{0x40'0040};
        stack.program_header_count = 4;
        stack.hardware_capabilities = 0x0783'fbff;
        stack.vdso = VirtAddr{0x7fff'ffff'2000};
        for (std::uint8_t i = 0; i < 16; ++i) {
            stack.random[i] = static_cast<std::uint8_t>(0xf0 + i);
        }
        return stack;
    }
    void build(const InitialStack& stack)
    {
        const auto rsp = kernel::build_initial_stack(memory_, kTop, stack);
        ASSERT_TRUE(rsp);
        ASSERT_EQ(rsp->value % 16, 0u);
        at_ = rsp->value;
    }
    std::uint64_t word()
    {
        std::uint64_t value = 0;
        for (unsigned i = 0; i < 8; ++i) {
            value |= std::uint64_t{read(VirtAddr{at_++})} << 8 * i;
        }
        return value;
    }
    static std::string string(std::uint64_t address)
    {
        std::string text;
        for (unsigned byte = 0; (byte = read(VirtAddr{address++})) != 0;) {
            text += static_cast<char>(byte);
        }
        return text;
    }
    Strings strings()
    {
        Strings result;
        while (const std::uint64_t pointer = word()) {
            result.push_back(string(pointer));
        }
        return result;
    }

    ArgumentBlock block_{*frames_};
    std::uint64_t at_ = 0; ///< upwards from RSP
};

TEST_F(InitialStacks, HaveEverythingWhereTheAbiSays)
{
    build(example({"hello", "", "two words"}, {"HOME=/", "TERM=dumb"}));
    EXPECT_EQ(word(), 3u);
    EXPECT_EQ(strings(), (Strings{"hello", "", "two words"}));
    EXPECT_EQ(strings(), (Strings{"HOME=/", "TERM=dumb"}));
    std::map<std::uint64_t, std::uint64_t> auxiliary;
    for (;;) {
        const std::uint64_t tag = word();
        const std::uint64_t value = word();
        if (tag == AT_NULL) {
            break;
        }
        EXPECT_TRUE(auxiliary.emplace(tag, value).second) << "twice: " << tag;
    }
    EXPECT_EQ(string(auxiliary.at(AT_EXECFN)), "bin/hello");
    const std::uint64_t random = auxiliary.at(AT_RANDOM);
    for (std::uint8_t i = 0; i < 16; ++i) {
        EXPECT_EQ(read(VirtAddr{random + i}), 0xf0u + i);
    }
    auxiliary.erase(AT_EXECFN);
    auxiliary.erase(AT_RANDOM);
    EXPECT_EQ(auxiliary, (std::map<std::uint64_t, std::uint64_t>{{AT_SYSINFO_EHDR, 0x7fff'ffff'2000},
                                                                 {AT_PHDR, 0x40'0040},
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

TEST_F(InitialStacks, PutAScriptsWordsInFront)
{
    InitialStack stack = example({"rest"}, {});
    stack.script = append({"/bin/sh", "-e", "script"});
    build(stack);
    EXPECT_EQ(word(), 4u);
    EXPECT_EQ(strings(), (Strings{"/bin/sh", "-e", "script", "rest"}));
}

TEST_F(InitialStacks, AreAlignedForEveryNumberAndLengthOfStrings)
{
    const Strings all = {"a", "bc", "def", "ghij", "klmno", "pqrstuvwxyz"};
    for (std::size_t arguments = 0; arguments <= 6; ++arguments) {
        for (std::size_t environment = 0; environment <= 6; ++environment) {
            for (const std::string& name : all) {
                build(example({all.begin(), all.begin() + static_cast<long>(arguments)},
                              {all.begin(), all.begin() + static_cast<long>(environment)}, name));
                ASSERT_EQ(word(), arguments);
                ASSERT_EQ(strings().size(), arguments);
                ASSERT_EQ(strings().size(), environment);
                ASSERT_TRUE(memory_.unmap(kTop - kPageSize, kPageSize));
            }
        }
    }
}

TEST_F(InitialStacks, ZeroWhatIsBelowRspAndTheTopWord)
{
    build(example({"x"}, {}));
    for (std::uint64_t below = VirtAddr{at_}.page_floor().value; below < at_; ++below) {
        ASSERT_EQ(read(VirtAddr{below}), 0u);
    }
    for (std::uint64_t top = kTop.value - 8; top < kTop.value; ++top) {
        ASSERT_EQ(read(VirtAddr{top}), 0u);
    }
}

TEST_F(InitialStacks, ReachOverAsManyPagesAsTheStringsTake)
{
    Strings many;
    for (unsigned i = 0; i < 3000; ++i) {
        many.push_back("argument number " + std::to_string(i));
    }
    many.push_back(std::string(3 * kPageSize + 5, 'x'));
    build(example(many, {"HOME=/"}));
    EXPECT_GT(kTop.value - at_, 20 * kPageSize);
    EXPECT_EQ(word(), many.size());
    EXPECT_EQ(strings(), many);
    EXPECT_EQ(strings(), Strings{"HOME=/"});
}

TEST_F(InitialStacks, AreTooBigAtAQuarterOfWhatAStackMayHave)
{
    InitialStack stack = example({"x"}, {});
    stack.arguments.count = layout::kUserStackLimit / 4 / 8;
    EXPECT_EQ(kernel::build_initial_stack(memory_, kTop, stack).error(), uapi::Error::E2big);
    EXPECT_EQ(memory_.areas().size(), 0u);
}

TEST_F(InitialStacks, FailWithoutAFrameAndKeepNone)
{
    const InitialStack stack = example({"x"}, {});
    frames_->fail_allocation(2, 100);
    EXPECT_EQ(kernel::build_initial_stack(memory_, kTop, stack).error(), uapi::Error::Enomem);
    frames_->fail_allocation(0);
}

TEST_F(InitialStacks, TakeStringsFromABlockThatGivesItsFramesBack)
{
    const std::uint64_t before = frames_->free_frames();
    {
        ArgumentBlock block(*frames_);
        EXPECT_EQ(frames_->free_frames(), before) << "an empty one has none";
        const std::string text(kPageSize, 'a');
        EXPECT_TRUE(block.append({text.data(), text.size()}));
        EXPECT_EQ(block.size(), kPageSize + 1);
        EXPECT_EQ(block.piece(kPageSize).size(), 1u);
        EXPECT_EQ(block.piece(kPageSize)[0], 0);
        EXPECT_EQ(frames_->free_frames(), before - 3);
    }
    EXPECT_EQ(frames_->free_frames(), before);
}

} // namespace
