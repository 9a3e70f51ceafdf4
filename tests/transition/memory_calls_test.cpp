// SPDX-License-Identifier: MIT
// Property: a program's pages are as mmap, munmap, mprotect, mremap, brk and madvise left them, and every frame is back
// when it has ended.
#include "support/booted_kernel.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace support {
namespace {

using testing::HasSubstr;

TEST(MemoryCalls, LeaveEveryPageAsTheProgramExpects)
{
    BootedKernel kernel({"run memory", "run heap", "poweroff"});
    kernel.run_to_end();
    EXPECT_THAT(kernel.machine->console(), HasSubstr("the heap was as it should be"));
    EXPECT_THAT(kernel.machine->console(), HasSubstr("every page was as it should be"));
    EXPECT_THAT(kernel.machine->console(), HasSubstr("killed by SIGSEGV (SEGV_ACCERR, address 0x10000000)"));
}

/// The line of `mem` for free frames.
std::string free_line(const std::string& console, std::size_t from)
{
    const std::size_t begin = console.find("free", from);
    return console.substr(begin, console.find('\n', begin) - begin);
}

TEST(MemoryCalls, GiveEveryFrameBack)
{
    BootedKernel kernel({"run hello", "mem", "run memory", "run hello", "mem", "poweroff"});
    kernel.run_to_end();
    const std::string& console = kernel.machine->console();
    const std::size_t first = console.find("eldarin> mem"), second = console.rfind("eldarin> mem");
    ASSERT_NE(first, second);
    EXPECT_EQ(free_line(console, first), free_line(console, second));
}

} // namespace
} // namespace support
