// SPDX-License-Identifier: MIT
// Property: addresses of the kernel and of a program have the lines that their source files say, inlined ones too.
#include "explain/source_lines.h"
#include "support/booted_kernel.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace support {
namespace {

using namespace ringcheck;
using testing::EndsWith;

struct Files {
    ElfImage kernel = value_or_throw(ElfImage::load(AETHEL_DEFAULT_KERNEL));
    CpioArchive initrd = value_or_throw(CpioArchive::parse(read_file(AETHEL_DEFAULT_INITRD)));
    SourceLines lines{&kernel, &initrd};
};

TEST(SourceLines, KnowsTheKernelsAssembly)
{
    const Files files;
    const auto frames = files.lines.at(files.kernel.symbol("syscall_entry").value(), 0, "");
    ASSERT_EQ(frames.size(), 1u);
    EXPECT_THAT(frames[0].file, EndsWith("kernel/cpu/syscall_entry.S"));
    EXPECT_GT(frames[0].line, 1);
}

TEST(SourceLines, KnowsTheKernelsFunctions)
{
    const Files files;
    const auto frames = files.lines.at(files.kernel.symbol("syscall_dispatch").value(), 0, "");
    ASSERT_FALSE(frames.empty());
    EXPECT_THAT(frames.back().file, EndsWith("kernel/trap/syscall_dispatch.cpp"));
    EXPECT_EQ(frames.back().function, "syscall_dispatch");
}

TEST(SourceLines, UnfoldsWhatAProgramInlined)
{
    const Files files;
    const auto* const bytes = files.initrd.find("hello");
    ASSERT_NE(bytes, nullptr);
    const ElfImage hello = value_or_throw(ElfImage::parse(*bytes));
    const std::uint64_t main = hello.symbol("main").value();
    std::vector<SourceFrame> deepest;
    for (std::uint64_t address = main; hello.describe(address).starts_with("main"); ++address) {
        auto frames = files.lines.at(address, 3, "hello");
        deepest = frames.size() > deepest.size() ? frames : deepest;
    }
    ASSERT_GE(deepest.size(), 2u) << "the system call is inlined into main";
    EXPECT_THAT(deepest.front().file, EndsWith("userprogs/lib/syscall.h"));
    EXPECT_THAT(deepest.back().file, EndsWith("userprogs/hello/main.cpp"));
    EXPECT_EQ(deepest.back().function, "main");
}

TEST(SourceLines, KnowsAPositionIndependentProgramWhereItStands)
{
    const Files files;
    const auto* const bytes = files.initrd.find("pie");
    ASSERT_NE(bytes, nullptr);
    const ElfImage pie = value_or_throw(ElfImage::parse(*bytes, ElfUse::Program));
    constexpr std::uint64_t kBase = 0x5612'3456'7000;
    const Program placed("pie", {}, kBase);
    const std::uint64_t main = pie.symbol("main").value();
    const auto frames = files.lines.at(kBase + main, 3, placed);
    ASSERT_FALSE(frames.empty());
    EXPECT_EQ(frames.back().function, "main");
    EXPECT_THAT(frames.back().file, EndsWith("userprogs/pie/main.cpp"));
    EXPECT_TRUE(files.lines.at(main, 3, placed).empty());
    EXPECT_EQ(files.lines.line_at(kBase + main, 3, placed)->line, frames.front().line);
}

TEST(SourceLines, HasNothingToSayOfOtherAddresses)
{
    const Files files;
    EXPECT_TRUE(files.lines.at(0x1234, 0, "").empty());
    EXPECT_TRUE(files.lines.at(0x1234, 3, "hello").empty());
    EXPECT_TRUE(files.lines.at(0x400000, 3, "").empty()) << "no program";
    EXPECT_TRUE(files.lines.at(0x400000, 3, "nobody").empty()) << "not in the initrd";
    EXPECT_TRUE(DwarfFile(std::as_bytes(std::span("no ELF file"))).at(0).empty());
}

} // namespace
} // namespace support
