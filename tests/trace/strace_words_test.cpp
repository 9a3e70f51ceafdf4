// SPDX-License-Identifier: MIT
// The words for numbers are those that strace prints, and no word is made up for what has none.
#include "trace/strace_words.h"
#include "trace/trace_parse.h"
#include "trace/trace_text.h"

#include <gtest/gtest.h>

namespace {

using ringcheck::strace_word;

TEST(StraceWords, AreThoseOfTheArgumentsSet)
{
    EXPECT_EQ(strace_word("mmap", 2, 3), "PROT_READ|PROT_WRITE");
    EXPECT_EQ(strace_word("mmap", 2, 0), "PROT_NONE");
    EXPECT_EQ(strace_word("mmap", 3, 0x22), "MAP_PRIVATE|MAP_ANONYMOUS");
    EXPECT_EQ(strace_word("open", 1, 0), "O_RDONLY");
    EXPECT_EQ(strace_word("open", 1, 02000101), "O_WRONLY|O_CREAT|O_CLOEXEC");
    EXPECT_EQ(strace_word("kill", 1, 9), "SIGKILL");
    EXPECT_EQ(strace_word("futex", 1, 0x81), "FUTEX_WAKE_PRIVATE");
    EXPECT_EQ(strace_word("lseek", 2, 2), "SEEK_END");
}

TEST(StraceWords, LeaveNumbersThatHaveNone)
{
    EXPECT_EQ(strace_word("write", 0, 1), std::nullopt);
    EXPECT_EQ(strace_word("mmap", 1, 4096), std::nullopt);
    EXPECT_EQ(strace_word("madvise", 2, 77), std::nullopt);
    EXPECT_EQ(strace_word("open", 1, 3), std::nullopt);
    EXPECT_EQ(strace_word("mprotect", 2, 0x101), "PROT_READ|0x100");
    EXPECT_EQ(strace_word("getrandom", 2, 0), std::nullopt);
}

TEST(StraceWords, StandInWhatIsExported)
{
    const auto trace = ringcheck::parse_trace("# ringcheck trace 1\n"
                                              "program a\n"
                                              "enter    _start\n"
                                              "syscall  open(\"x\", 0, 420) = -1 ENOENT\n"
                                              "syscall  open(\"x\", 64, 420) = -1 EROFS\n"
                                              "syscall  openat(-100, \"x\", 0, 0) = 3\n"
                                              "exit     status 0\n");
    ASSERT_TRUE(trace);
    EXPECT_EQ(ringcheck::print_as_strace(*trace),
              "open(\"x\", O_RDONLY)                     = -1 ENOENT (No such file or directory)\n"
              "open(\"x\", O_RDONLY|O_CREAT, 420)        = -1 EROFS (Read-only file system)\n"
              "openat(AT_FDCWD, \"x\", O_RDONLY)         = 3\n"
              "+++ exited with 0 +++\n");
}

} // namespace
