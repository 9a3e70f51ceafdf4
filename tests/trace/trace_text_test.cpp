// SPDX-License-Identifier: MIT
// A trace laid out anew keeps what people wrote into it; what strace would print of it is taken back as the same trace.
#include "trace/generator.h"
#include "trace/strace_import.h"
#include "trace/trace_parse.h"
#include "trace/trace_print.h"
#include "trace/trace_text.h"

#include <gtest/gtest.h>

namespace {

using namespace ringcheck;

Trace parsed(const std::string& text)
{
    const auto trace = parse_trace(text);
    EXPECT_TRUE(trace) << (trace ? "" : format_parse_error("t", trace.error()));
    return trace.value_or(Trace{});
}

constexpr const char* kText = "# ringcheck trace 1\n"
                              "\n"
                              "   # what comes first  \n"
                              "program   p\n"
                              "enter _start\n"
                              "syscall   write( 1,\"x\",   1)   = 1\n"
                              "# in between\n"
                              "syscall write(9, \"x\", 1) = -1 EBADF\n"
                              "syscall exit(3)\n"
                              "exit  status   3\n"
                              "# behind\n";

TEST(TraceText, IsLaidOutWithItsComments)
{
    const std::string expected = "# ringcheck trace 1\n"
                                 "\n"
                                 "# what comes first\n"
                                 "program p\n"
                                 "enter    _start\n"
                                 "syscall  write(1, \"x\", 1) = 1\n"
                                 "# in between\n"
                                 "syscall  write(9, \"x\", 1) = -1 EBADF\n"
                                 "syscall  exit(3)\n"
                                 "exit     status 3\n"
                                 "# behind\n";
    EXPECT_EQ(lay_out(kText, parsed(kText)), expected);
    EXPECT_EQ(lay_out(expected, parsed(expected)), expected);
}

TEST(TraceText, LaidOutOnceIsLaidOutForEver)
{
    for (unsigned seed = 0; seed < 300; ++seed) {
        const std::string text = print_trace(trace_tests::Generator(seed).trace());
        ASSERT_EQ(lay_out(text, parsed(text)), text) << seed;
    }
}

TEST(TraceText, IsWhatStraceWouldPrint)
{
    EXPECT_EQ(print_as_strace(parsed(kText)),
              "write(1, \"x\", 1)                        = 1\n"
              "write(9, \"x\", 1)                        = -1 EBADF (Bad file descriptor)\n"
              "exit(3)                                 = ?\n"
              "+++ exited with 3 +++\n");
    EXPECT_EQ(print_as_strace(
                  parsed("# ringcheck trace 1\nprogram p\nsyscall f() = -1 errno_7777\nexit killed by SIGKILL\n")),
              "f()                                     = -1 errno_7777\n+++ killed by SIGKILL +++\n");
}

TEST(TraceText, AsStracePrintsItIsImportedAgain)
{
    using enum ArgumentKind;
    SyscallConvention convention;
    convention.calls = {{.number = 1, .name = "write", .arguments = {Integer, BytesIn, Size}},
                        {.number = 60, .name = "exit", .arguments = {Integer}, .returns = false}};
    const Trace trace = parsed(kText);
    const auto again = import_strace(
        print_as_strace(trace), convention, [](std::uint64_t address) { return Argument{RawAddress{address}}; }, "p",
        NamedAddress{"_start", 0});
    ASSERT_TRUE(again);
    EXPECT_EQ(print_trace(again->trace), print_trace(trace));
}

TEST(TraceText, CountsItsCalls)
{
    EXPECT_EQ(summarise(parsed(kText)), "p: 5 events, 0 faults, status 3\n"
                                        "  call      made   failed\n"
                                        "  exit         1        0\n"
                                        "  write        2        1\n");
}

} // namespace
